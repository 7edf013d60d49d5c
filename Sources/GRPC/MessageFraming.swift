import NIOCore

/// The frame around a gRPC message: a byte that says whether it is compressed, four of length, the message.
enum MessageFraming {
  static let prefixBytes = 5

  /// Reads a message's prefix.
  /// - Returns: the message's length in bytes; nil where the buffer holds less than a prefix.
  /// - Throws: ``Status`` for a message that is compressed or too long.
  static func readPrefix(from buffer: inout ByteBuffer, maxMessageBytes: Int) throws(Status) -> Int? {
    guard let (flag, length) = buffer.readMultipleIntegers(as: (UInt8, UInt32).self) else { return nil }
    guard flag == 0 else {
      throw Status(.internal, "the message's compressed flag is \(flag), and the call has no grpc-encoding")
    }
    guard length <= maxMessageBytes else {
      throw Status(
        .resourceExhausted, "the message has \(length) bytes; the limit is \(maxMessageBytes) (--max-message-bytes)")
    }
    return Int(length)
  }

  /// A message as it goes on the wire, uncompressed.
  static func frame(_ message: ByteBuffer) -> ByteBuffer {
    var framed = ByteBuffer()
    framed.reserveCapacity(prefixBytes + message.readableBytes)
    framed.writeMultipleIntegers(UInt8(0), UInt32(message.readableBytes))
    framed.writeImmutableBuffer(message)
    return framed
  }
}
