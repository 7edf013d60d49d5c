import NIOCore

/// The frame around a gRPC message: a byte that says whether it is compressed, four of length, the message.
enum MessageFraming {
  static let prefixBytes = 5

  struct Prefix {
    let isCompressed: Bool
    /// Bytes of the message as it comes.
    let length: Int
  }

  /// Reads a message's prefix.
  /// - Returns: nil where the buffer holds less than a prefix.
  /// - Throws: ``Status`` for a message that is too long, or compressed where the call has no encoding.
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

  /// A message as it goes on the wire.
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
