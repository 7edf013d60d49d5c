import NIOCore

/// A message as it came, without its frame.
struct ReceivedMessage {
  let bytes: ByteBuffer
  var isCompressed = false
  /// Why it is refused; it has no bytes then.
  var refusal: Status?
}

/// A request's body, cut into messages.
///
/// A state machine of values: bytes and the body's end go in, messages come out of ``next()``.
struct MessageReader {
  /// A message of which the prefix has come.
  private struct Arriving {
    let prefix: MessageFraming.Prefix
    var inspector: (any MessageInspector)?
    var inspectedBytes = 0
    /// Of a message that is refused.
    var droppedBytes = 0
    var refusal: Status?
  }

  private let encoding: MessageEncoding
  private let maxMessageBytes: Int
  private let makeInspector: MakeMessageInspector?
  private var arriving: Arriving?
  private var buffer = ByteBuffer()
  private var hasEnded = false

  init(encoding: MessageEncoding, maxMessageBytes: Int, makeInspector: MakeMessageInspector? = nil) {
    self.encoding = encoding
    self.maxMessageBytes = maxMessageBytes
    self.makeInspector = makeInspector
  }

  /// Bytes that have not become a message.
  var bufferedBytes: Int { buffer.readableBytes + (arriving == nil ? 0 : MessageFraming.prefixBytes) }

  /// Whether the body has ended, and all of it has become messages.
  var isAtEnd: Bool { hasEnded && bufferedBytes == 0 }

  /// Why the message that is arriving will be refused.
  var refusal: Status? { arriving?.refusal }

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
    if arriving == nil {
      arriving = try MessageFraming.readPrefix(
        from: &buffer, encoding: encoding, maxMessageBytes: maxMessageBytes
      ).map { Arriving(prefix: $0) }
    }
    guard let message = takeMessage() else {
      if hasEnded, bufferedBytes > 0 { throw Status(.internal, "the call ended inside a message") }
      return nil
    }
    arriving = nil
    // What lies before is the message's; the rest is small or still to come.
    if buffer.readableBytes == 0 { buffer = ByteBuffer() }
    return message
  }

  private mutating func takeMessage() -> ReceivedMessage? {
    guard let prefix = arriving?.prefix else { return nil }
    if arriving?.refusal == nil {
      if let bytes = buffer.readSlice(length: prefix.length) {
        return ReceivedMessage(bytes: bytes, isCompressed: prefix.isCompressed)
      }
      inspect(prefix)
    }
    return drop(prefix)
  }

  /// Shows the inspector what has come of the message that is arriving.
  private mutating func inspect(_ prefix: MessageFraming.Prefix) {
    guard !prefix.isCompressed, let makeInspector, let inspected = arriving?.inspectedBytes else { return }
    let fresh = buffer.getSlice(at: buffer.readerIndex + inspected, length: buffer.readableBytes - inspected)
    guard let fresh, fresh.readableBytes > 0 else { return }
    var inspector = arriving?.inspector ?? makeInspector()
    arriving?.inspectedBytes = buffer.readableBytes
    do {
      try inspector.inspect(fresh)
      arriving?.inspector = inspector
    } catch {
      arriving?.refusal = error
    }
  }

  /// Throws away what has come of a message that is refused.
  /// - Returns: what stands for the message, once all of it has come.
  private mutating func drop(_ prefix: MessageFraming.Prefix) -> ReceivedMessage? {
    guard let refusal = arriving?.refusal, let dropped = arriving?.droppedBytes else { return nil }
    let count = min(buffer.readableBytes, prefix.length - dropped)
    buffer.moveReaderIndex(forwardBy: count)
    arriving?.droppedBytes += count
    if buffer.readableBytes == 0 { buffer = ByteBuffer() }
    return dropped + count == prefix.length ? ReceivedMessage(bytes: ByteBuffer(), refusal: refusal) : nil
  }
}
