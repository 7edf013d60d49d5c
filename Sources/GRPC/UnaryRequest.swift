import NIOCore

/// The body of a unary request: exactly one message.
///
/// A state machine of values: bytes and the body's end go in, the message comes out of ``next()``.
struct UnaryRequest {
  private enum Phase {
    case prefix
    case payload(length: Int)
    case complete(ByteBuffer)
  }

  private var phase = Phase.prefix
  private var buffer = ByteBuffer()
  private var hasEnded = false
  let maxMessageBytes: Int

  init(maxMessageBytes: Int) {
    self.maxMessageBytes = maxMessageBytes
  }

  mutating func append(_ bytes: ByteBuffer) {
    buffer.writeImmutableBuffer(bytes)
  }

  mutating func end() {
    hasEnded = true
  }

  /// The message, once the body is complete; nil before.
  /// - Throws: ``Status`` for a body that is not one whole message within the limit.
  mutating func next() throws(Status) -> ByteBuffer? {
    while true {
      switch phase {
      case .prefix:
        let isEmpty = buffer.readableBytes == 0
        if let length = try MessageFraming.readPrefix(from: &buffer, maxMessageBytes: maxMessageBytes) {
          phase = .payload(length: length)
        } else if hasEnded {
          throw isEmpty ? Self.noMessage : Self.cutMessage
        } else {
          return nil
        }
      case .payload(let length):
        guard let message = buffer.readSlice(length: length) else {
          if hasEnded { throw Self.cutMessage }
          return nil
        }
        phase = .complete(message)
      case .complete(let message):
        guard buffer.readableBytes == 0 else { throw Status(.internal, "more than one message on a unary call") }
        return hasEnded ? message : nil
      }
    }
  }

  private static let noMessage = Status(.internal, "the call ended without a message")
  private static let cutMessage = Status(.internal, "the call ended inside a message")
}
