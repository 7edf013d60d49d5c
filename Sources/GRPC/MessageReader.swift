import NIOCore

/// A message as received, without its frame.
struct ReceivedMessage {
  let bytes: ByteBuffer
  var isCompressed = false
  /// Why the message is refused; a refused message has no bytes.
  var refusal: Status?
}

/// Cuts a request's body into messages.
///
/// A state machine of values: bytes and the body's end go in, messages come out of ``next()``.
struct MessageReader {
  /// A message whose prefix has arrived.
  private struct Arriving {
    let prefix: MessageFraming.Prefix
    var inspector: (any MessageInspector)?
    var inspectedBytes = 0
    /// Bytes already dropped of a refused message.
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

  /// Bytes that are not part of a complete message yet.
  var bufferedBytes: Int { buffer.readableBytes + (arriving == nil ? 0 : MessageFraming.prefixBytes) }

  /// Whether the body has ended and all of it has become messages.
  var isAtEnd: Bool { hasEnded && bufferedBytes == 0 }

  /// Why the arriving message will be refused; nil if it will not.
  var refusal: Status? { arriving?.refusal }

  mutating func append(_ bytes: ByteBuffer) {
    // The first bytes are kept without a copy: most messages arrive whole.
    if buffer.readableBytes == 0 {
      buffer = bytes
    } else {
      buffer.writeImmutableBuffer(bytes)
    }
  }

  mutating func end() {
    hasEnded = true
  }

  /// The next message if it is complete, otherwise nil.
  /// - Throws: ``Status`` if the message exceeds the limit, or the body ends inside a message.
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
    // The consumed bytes belong to the message; the remaining ones are few or have not arrived.
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

  /// Passes the new bytes of the arriving message to the inspector.
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

  /// Drops the received bytes of a refused message.
  /// - Returns: a placeholder for the message, once all of it has arrived.
  private mutating func drop(_ prefix: MessageFraming.Prefix) -> ReceivedMessage? {
    guard let refusal = arriving?.refusal, let dropped = arriving?.droppedBytes else { return nil }
    let count = min(buffer.readableBytes, prefix.length - dropped)
    buffer.moveReaderIndex(forwardBy: count)
    arriving?.droppedBytes += count
    if buffer.readableBytes == 0 { buffer = ByteBuffer() }
    return dropped + count == prefix.length ? ReceivedMessage(bytes: ByteBuffer(), refusal: refusal) : nil
  }
}
