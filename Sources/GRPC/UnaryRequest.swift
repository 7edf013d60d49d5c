import NIOCore

/// The body of a unary request: exactly one message, received in the bounds of the server's budget.
///
/// A state machine of values: bytes, a grant and the body's end go in; each ``next()`` says what to do.
struct UnaryRequest {
  enum Step {
    case waitForMore
    /// Ask the budget for so many bytes, and tell by ``granted(_:)``.
    case askForGrant(bytes: Int)
    /// The request is complete.
    case handle(ByteBuffer, ReceiveBudget.Grant)
  }

  private enum Phase {
    case prefix
    case awaitingGrant(length: Int)
    case payload(length: Int, ReceiveBudget.Grant)
    case complete(ByteBuffer, ReceiveBudget.Grant)
  }

  private var phase = Phase.prefix
  private var buffer = ByteBuffer()
  private var heldBytes = 0
  private var hasEnded = false
  let maxMessageBytes: Int

  init(maxMessageBytes: Int) {
    self.maxMessageBytes = maxMessageBytes
  }

  /// Takes some of the body.
  /// - Returns: bytes by which the client's window may open again.
  mutating func append(_ bytes: ByteBuffer) -> Int {
    buffer.writeImmutableBuffer(bytes)
    if case .awaitingGrant = phase {
      heldBytes += bytes.readableBytes
      return 0
    }
    return bytes.readableBytes
  }

  /// Goes on with the message that waited for the budget.
  /// - Returns: bytes by which the client's window may open again.
  mutating func granted(_ grant: ReceiveBudget.Grant) -> Int {
    guard case .awaitingGrant(let length) = phase else { preconditionFailure("a grant that nobody asked for") }
    phase = .payload(length: length, grant)
    defer { heldBytes = 0 }
    return heldBytes
  }

  mutating func end() {
    hasEnded = true
  }

  /// - Throws: ``Status`` for a body that is not one whole message within the limit.
  mutating func next() throws(Status) -> Step {
    while true {
      switch phase {
      case .prefix:
        let isEmpty = buffer.readableBytes == 0
        if let length = try MessageFraming.readPrefix(from: &buffer, maxMessageBytes: maxMessageBytes) {
          phase = .awaitingGrant(length: length)
          return .askForGrant(bytes: length)
        }
        if hasEnded { throw isEmpty ? Self.noMessage : Self.cutMessage }
        return .waitForMore
      case .awaitingGrant:
        return .waitForMore
      case .payload(let length, let grant):
        guard let message = buffer.readSlice(length: length) else {
          if hasEnded { throw Self.cutMessage }
          return .waitForMore
        }
        phase = .complete(message, grant)
      case .complete(let message, let grant):
        guard buffer.readableBytes == 0 else { throw Status(.internal, "more than one message on a unary call") }
        return hasEnded ? .handle(message, grant) : .waitForMore
      }
    }
  }

  private static let noMessage = Status(.internal, "the call ended without a message")
  private static let cutMessage = Status(.internal, "the call ended inside a message")
}
