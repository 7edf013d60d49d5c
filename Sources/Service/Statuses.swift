import Batching
import GRPC
import HTTP2
import Logging
import Messages

extension Status {
  /// Reads a message; invalid bytes are INVALID_ARGUMENT.
  static func reading<Message>(_ read: () throws(WireError) -> Message) throws(Status) -> Message {
    do {
      return try read()
    } catch {
      throw Status(error)
    }
  }

  /// INVALID_ARGUMENT with a google.rpc.BadRequest that names the field.
  static func invalid(_ field: String, _ description: String) -> Status {
    let message = field.isEmpty ? description : "\(field): \(description)"
    let code = Code.invalidArgument
    let details = ErrorDetails.badRequest(
      code: code.rawValue, message: message, violations: [FieldViolation(field: field, description: description)])
    return Status(code, message, details: details)
  }

  private init(_ error: WireError) {
    self = .invalid(error.field, error.description)
  }

  /// The server is stopping, or has not started.
  static let stopping = Status(.unavailable, "the server is stopping", refusal: .draining)

  /// The status for a failure of the engine.
  /// - Parameter name: the request's name for the sequence at a position.
  init(_ failure: EncodingFailure, named name: (Int) -> String, logger: Logger) {
    switch failure {
    case .queueFull(let own, let waiting, let limit):
      self = Status(
        .resourceExhausted,
        "\(waiting) tokens are waiting to be encoded, \(own) of them of this connection; the limit is \(limit) "
          + "(--max-queue-tokens), and some of it is kept for other connections: try again later",
        metadata: Self.retryPushback, refusal: .queueFull)
    case .draining:
      self = .stopping
    case .notFinite(let sequence):
      let id = String(UInt64.random(in: .min ... .max), radix: 16)
      logger.error(
        "the encoder made a value that is not finite", metadata: ["fault": "\(id)", "sequence": "\(sequence)"])
      self = Status(
        .internal, "\(name(sequence)) could not be encoded; the server's log says more at fault \(id)")
    }
  }

  /// The embeddings are finite, but their product is not.
  static func scoreNotFinite(_ name: String) -> Status {
    Status(
      .failedPrecondition, "\(name): its score is no finite number: the model's embeddings are too large to be compared"
    )
  }

  /// Unread replies have used up the memory for replies.
  static func sendBudgetSpent(limit: Int) -> Status {
    Status(
      .resourceExhausted,
      "replies that wait for their clients take all of \(limit) bytes (--max-send-bytes): try again later",
      metadata: retryPushback, refusal: .sendBudget)
  }

  /// When to retry, for gRPC clients (milliseconds) and for Envoy (seconds): a full queue takes some tenths of a second
  /// to drain.
  private static let retryPushback = [HeaderField("grpc-retry-pushback-ms", "250"), HeaderField("retry-after", "1")]
}

extension StreamStatus {
  /// A failure in the form of a stream's reply.
  init(_ status: Status) {
    self.init(code: status.code.rawValue, message: status.message)
  }
}
