import GRPC
import NIOCore

/// Where the outcome of a request goes.
struct Answer: Sendable {
  let request: Request
  /// The client's name for the request, once it is read.
  var requestID = ""
  /// Makes the reply that tells of a failure on a stream; nil where a failure ends the call.
  private let failureReply: (@Sendable (Status, _ requestID: String) -> ByteBuffer)?

  init(_ request: Request, failureReply: (@Sendable (Status, _ requestID: String) -> ByteBuffer)? = nil) {
    self.request = request
    self.failureReply = failureReply
  }

  /// Whether the call goes on behind the answer: such a client is held back, not refused.
  var isStreamed: Bool { failureReply != nil }

  func succeed(_ reply: ByteBuffer) {
    request.respond(.success(reply))
  }

  func fail(_ status: Status) {
    request.respond(failureReply.map { .success($0(status, requestID)) } ?? .failure(status))
  }
}

/// A request that a stream's replies are matched to.
protocol IdentifiedRequest {
  var requestID: String { get }
}
