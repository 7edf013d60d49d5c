import Messages
import NIOCore
import NIOHTTP1

/// Sends batches of spans to a receiver, by OTLP over HTTP, as protobuf.
struct SpanPost: Sendable {
  enum Outcome: Sendable, Equatable {
    /// - Parameter rejectedSpans: the number of spans that the receiver did not accept.
    case done(rejectedSpans: Int)
    /// The receiver may accept the same spans later.
    /// - Parameter pause: the time until the next try, if the receiver states it.
    case retry(reason: String, pause: Duration? = nil)
    /// The receiver will not accept the spans.
    case refused(reason: String)
  }

  let settings: OTLPSettings
  let connection: ReceiverConnection

  func send(_ spans: [SpanRecord]) async -> Outcome {
    var headers = HTTPHeaders(settings.headers)
    headers.replaceOrAdd(name: "content-type", value: "application/x-protobuf")
    let scope = (name: "scimult", version: settings.version)
    let body = SpanExport(resource: settings.resource, scope: scope, spans: spans).wire()
    do {
      let reply = try await connection.post(body, headers: headers, timeout: TimeAmount(settings.timeout))
      return Self.outcome(reply.status, retryAfter: reply.retryAfter, reply.body)
    } catch {
      return .retry(reason: "\(error)")
    }
  }

  static func outcome(_ status: Int, retryAfter: String?, _ body: ByteBuffer?) -> Outcome {
    switch status {
    case 200..<300: .done(rejectedSpans: body.map { SpanExportReply(wire: $0).rejectedSpans } ?? 0)
    case 429, 502, 503, 504:
      .retry(reason: "HTTP \(status)", pause: retryAfter.flatMap(Int.init).map { .seconds(min(max($0, 0), 60)) })
    default: .refused(reason: "HTTP \(status)")
    }
  }
}
