import NIOCore

/// The compression of a call's messages: the values of `grpc-encoding`.
enum MessageEncoding: String, CaseIterable {
  case identity, deflate, gzip

  /// The value of `grpc-accept-encoding`.
  static let accepted = allCases.map(\.rawValue).joined(separator: ",")

  /// The encoding of replies to a client: the encoding of its requests, if the client also accepts that.
  /// - Parameter accepted: the client's `grpc-accept-encoding`.
  func forReplies(accepted: String?) -> MessageEncoding {
    let names = accepted?.split(separator: ",").map { $0.trimming(while: { $0 == " " || $0 == "\t" }) } ?? []
    return names.contains(rawValue[...]) ? self : .identity
  }

  /// Decompresses a message.
  /// - Throws: ``Status`` if the bytes are not one compressed message, or expand beyond the limit.
  func decompress(_ bytes: ByteBuffer, maxMessageBytes: Int) throws(Status) -> ByteBuffer {
    guard let format else {
      throw Status(.internal, "the message's compressed flag is set, and the call has no grpc-encoding")
    }
    do throws(Zlib.InflateError) {
      return try Zlib.inflate(bytes, format, maxBytes: maxMessageBytes)
    } catch {
      switch error {
      case .malformed: throw Status(.internal, "the message is not valid \(rawValue)")
      case .tooLarge:
        throw Status(
          .resourceExhausted,
          "the message has more than \(maxMessageBytes) bytes when it is decompressed, from \(bytes.readableBytes); "
            + "the limit is \(maxMessageBytes) (--max-message-bytes)",
          refusal: .messageTooLarge)
      case .noMemory:
        throw Status(.unavailable, "there is no memory to decompress the message; try again later")
      }
    }
  }

  /// Compresses a message. The result is nil if the message stays as it is: short messages, and all messages while
  /// there is no memory for compression.
  func compress(_ message: ByteBuffer) -> ByteBuffer? {
    guard let format, message.readableBytes >= Self.leastCompressedBytes else { return nil }
    return Zlib.deflate(message, format)
  }

  private var format: Zlib.Format? {
    switch self {
    case .identity: nil
    case .deflate: .zlib
    case .gzip: .gzip
    }
  }

  /// A shorter message fits in one packet anyway.
  private static let leastCompressedBytes = 1_024
}

extension Substring {
  fileprivate func trimming(while isSpace: (Character) -> Bool) -> Substring {
    var rest = drop(while: isSpace)
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return rest
  }
}
