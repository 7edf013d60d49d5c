import NIOCore

/// A message as it came, without its frame.
struct ReceivedMessage {
  let bytes: ByteBuffer
  let isCompressed: Bool
}

/// A request's body, cut into messages.
///
/// A state machine of values: bytes and the body's end go in, messages come out of ``next()``.
struct MessageReader {
  private let encoding: MessageEncoding
  private let maxMessageBytes: Int
  private var prefix: MessageFraming.Prefix?
  private var buffer = ByteBuffer()
  private var hasEnded = false

  init(encoding: MessageEncoding, maxMessageBytes: Int) {
    self.encoding = encoding
    self.maxMessageBytes = maxMessageBytes
  }

  /// Bytes that have not become a message.
  var bufferedBytes: Int { buffer.readableBytes + (prefix == nil ? 0 : MessageFraming.prefixBytes) }

  /// Whether the body has ended, and all of it has become messages.
  var isAtEnd: Bool { hasEnded && bufferedBytes == 0 }

  mutating func append(_ bytes: ByteBuffer) {
    // What comes first is kept as it is, without a copy: most messages come whole.
    if buffer.readableBytes == 0 {
      buffer = bytes
    } else {
      buffer.writeImmutableBuffer(bytes)
    }
  }

  mutating func end() {
    hasEnded = true
  }

  /// The next message, once it is complete; nil before.
  /// - Throws: ``Status`` for a message beyond the limit, and for a body that ends inside one.
  mutating func next() throws(Status) -> ReceivedMessage? {
    if prefix == nil {
      prefix = try MessageFraming.readPrefix(from: &buffer, encoding: encoding, maxMessageBytes: maxMessageBytes)
    }
    guard let prefix, let bytes = buffer.readSlice(length: prefix.length) else {
      if hasEnded, bufferedBytes > 0 { throw Status(.internal, "the call ended inside a message") }
      return nil
    }
    self.prefix = nil
    // What lies before is the message's; the rest is small or still to come.
    if buffer.readableBytes == 0 { buffer = ByteBuffer() }
    return ReceivedMessage(bytes: bytes, isCompressed: prefix.isCompressed)
  }
}
