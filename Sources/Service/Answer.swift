import Batching
import GRPC
import NIOCore

/// The destination of a request's outcome.
struct Answer: Sendable {
  let request: Request
  /// The client's name for the request, once it has been read.
  var requestID = ""
  /// The size of the request's message in bytes, decompressed.
  var messageBytes = 0
  /// The flow in which the request's texts wait.
  var flow = Flow.server
  /// Makes the reply that reports a failure on a stream; nil if a failure ends the call.
  private let failureReply: (@Sendable (Status, _ requestID: String) -> ByteBuffer)?

  init(_ request: Request, failureReply: (@Sendable (Status, _ requestID: String) -> ByteBuffer)? = nil) {
    self.request = request
    self.failureReply = failureReply
  }

  /// Whether the call continues after the answer: the server applies backpressure to such a client and does not refuse
  /// it.
  var isStreamed: Bool { failureReply != nil }

  func succeed(_ reply: ByteBuffer) {
    request.respond(.success(reply))
  }

  func fail(_ status: Status) {
    request.respond(failureReply.map { .success($0(status, requestID)) } ?? .failure(status), telling: status)
  }
}

/// What requests with texts have in common.
protocol TextsRequest: Sendable {
  /// The id by which the client matches a stream's replies.
  var requestID: String { get }
  /// A number of the contract's `Task`, if it is valid.
  var task: Int32 { get }
  /// A task's name, if it is valid; empty if the client gave none.
  var taskName: String { get }
}

extension Flow {
  /// The metadata field for a request's priority.
  static let priorityField = "x-scimult-priority"

  /// The flow of a request: its connection's, at the priority in its metadata.
  init(_ request: Request) throws(Status) {
    let name = request.metadata(Self.priorityField) ?? Priority.interactive.rawValue
    guard let priority = Priority(rawValue: name) else {
      let known = Priority.allCases.map(\.rawValue).joined(separator: " or ")
      throw .invalid(Self.priorityField, "\"\(name.prefix(40))\" is unknown; it may be \(known)")
    }
    self.init(client: request.connection, priority: priority)
  }
}
