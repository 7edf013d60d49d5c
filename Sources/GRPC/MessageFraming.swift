import NIOCore

/// The frame of a gRPC message: one byte for the compression flag, four for the length, then the message.
enum MessageFraming {
  static let prefixBytes = 5

  struct Prefix {
    let isCompressed: Bool
    /// The message's length on the wire, in bytes.
    let length: Int
  }

  /// Reads a message's prefix.
  /// - Returns: nil if the buffer contains less than a prefix.
  /// - Throws: ``Status`` if the message is too long, or is compressed although the call has no encoding.
  static func readPrefix(
    from buffer: inout ByteBuffer, encoding: MessageEncoding, maxMessageBytes: Int
  ) throws(Status) -> Prefix? {
    guard let (flag, length) = buffer.readMultipleIntegers(as: (UInt8, UInt32).self) else { return nil }
    guard flag == 0 || flag == 1 && encoding != .identity else {
      throw Status(.internal, "the message's compressed flag is \(flag), and the call's grpc-encoding is \(encoding)")
    }
    guard length <= maxMessageBytes else {
      throw Status(
        .resourceExhausted, "the message has \(length) bytes; the limit is \(maxMessageBytes) (--max-message-bytes)",
        refusal: .messageTooLarge)
    }
    return Prefix(isCompressed: flag == 1, length: Int(length))
  }

  /// A message with its frame.
  static func frame(_ message: ByteBuffer, encoding: MessageEncoding = .identity) -> ByteBuffer {
    let compressed = encoding.compress(message)
    let payload = compressed ?? message
    var framed = ByteBuffer()
    framed.reserveCapacity(prefixBytes + payload.readableBytes)
    framed.writeMultipleIntegers(UInt8(compressed == nil ? 0 : 1), UInt32(payload.readableBytes))
    framed.writeImmutableBuffer(payload)
    return framed
  }
}
