import NIOCore

/// The body of a request that is exactly one message.
struct UnaryBody {
  private var reader: MessageReader
  private var message: ReceivedMessage?
  private var hasMessage = false
  private var hasEnded = false

  init(encoding: MessageEncoding, maxMessageBytes: Int) {
    reader = MessageReader(encoding: encoding, maxMessageBytes: maxMessageBytes)
  }

  mutating func append(_ bytes: ByteBuffer) {
    reader.append(bytes)
  }

  mutating func end() {
    hasEnded = true
    reader.end()
  }

  /// The message, once, when the body is complete; nil before.
  /// - Throws: ``Status`` for a body that is not one whole message within the limit.
  mutating func next() throws(Status) -> ReceivedMessage? {
    if !hasMessage, let next = try reader.next() {
      message = next
      hasMessage = true
    }
    if hasMessage, reader.bufferedBytes > 0 { throw Status(.internal, "more than one message on a unary call") }
    guard hasEnded else { return nil }
    guard hasMessage else { throw Status(.internal, "the call ended without a message") }
    return message.take()
  }
}
