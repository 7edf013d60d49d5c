import Batching
import GRPC
import NIOCore

/// Where the outcome of a request goes.
struct Answer: Sendable {
  let request: Request
  /// The client's name for the request, once it is read.
  var requestID = ""
  /// Bytes of its message, decompressed.
  var messageBytes = 0
  /// In whose line its texts wait.
  var flow = Flow.server
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
    request.respond(failureReply.map { .success($0(status, requestID)) } ?? .failure(status), telling: status)
  }
}

/// What the requests that bring texts have in common.
protocol TextsRequest: Sendable {
  /// What a stream's replies are matched by.
  var requestID: String { get }
  /// A number of the contract's `Task`, unless it is wrong.
  var task: Int32 { get }
  /// A task's name, unless it is wrong; empty where the client gave none.
  var taskName: String { get }
}

extension Flow {
  /// The metadata that says how soon a client wants its answer.
  static let priorityField = "x-scimult-priority"

  /// A request's: its connection's, at the priority that its metadata asks for.
  init(_ request: Request) throws(Status) {
    let name = request.metadata(Self.priorityField) ?? Priority.interactive.rawValue
    guard let priority = Priority(rawValue: name) else {
      let known = Priority.allCases.map(\.rawValue).joined(separator: " or ")
      throw .invalid(Self.priorityField, "\"\(name.prefix(40))\" is unknown; it may be \(known)")
    }
    self.init(client: request.connection, priority: priority)
  }
}
