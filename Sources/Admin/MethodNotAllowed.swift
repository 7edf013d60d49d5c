import HTTPTypes
import Hummingbird

/// Answers a request for a path that is served, by another method than GET and HEAD, with 405 (RFC 9110, section
/// 15.5.6).
struct MethodNotAllowed<Context: RequestContext>: RouterMiddleware {
  /// The paths that are served.
  let paths: Set<String>

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    guard paths.contains(request.uri.path), ![.get, .head].contains(request.method) else {
      return try await next(request, context)
    }
    return Response(
      status: .methodNotAllowed, headers: [.allow: "GET, HEAD"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: "only GET and HEAD\n")))
  }
}
