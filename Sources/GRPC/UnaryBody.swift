import NIOCore

/// The body of a request that is exactly one message.
struct UnaryBody {
  private var reader: MessageReader
  private var message: ReceivedMessage?
  private var hasMessage = false
  private(set) var hasEnded = false

  init(encoding: MessageEncoding, maxMessageBytes: Int, makeInspector: MakeMessageInspector? = nil) {
    reader = MessageReader(encoding: encoding, maxMessageBytes: maxMessageBytes, makeInspector: makeInspector)
  }

  mutating func append(_ bytes: ByteBuffer) {
    reader.append(bytes)
  }

  /// The body's bytes that are held here.
  var bufferedBytes: Int { reader.bufferedBytes + (message?.bytes.readableBytes ?? 0) }

  mutating func end() {
    hasEnded = true
    reader.end()
  }

  /// The message, once, when the body is complete; otherwise nil.
  /// - Throws: ``Status`` if the body is not exactly one message within the limit.
  mutating func next() throws(Status) -> ReceivedMessage? {
    if !hasMessage {
      message = try reader.next()
      hasMessage = message != nil
      if let refusal = message?.refusal ?? reader.refusal { throw refusal }
    }
    if hasMessage, reader.bufferedBytes > 0 { throw Status(.internal, "more than one message on a unary call") }
    guard hasEnded else { return nil }
    guard hasMessage else { throw Status(.internal, "the call ended without a message") }
    return message.take()
  }
}
