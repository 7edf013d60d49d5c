import NIOCore

@testable import GRPC

extension FuzzTarget {
  /// Compressed messages. The output never exceeds the limit. A decompressed message can be compressed and decompressed
  /// again.
  static let inflate = FuzzTarget(name: "inflate") { bytes in
    let limit = 1 << 16
    for format in [Zlib.Format.gzip, .zlib] {
      guard let message = try? Zlib.inflate(ByteBuffer(bytes: bytes), format, maxBytes: limit) else { continue }
      try promise(message.readableBytes <= limit, "\(message.readableBytes) bytes past a limit of \(limit)")
      let again = try Zlib.deflate(message, format).map {
        try Zlib.inflate($0, format, maxBytes: message.readableBytes)
      }
      try promise(again == message, "a message that changed on its way through \(format)")
    }
  }
}
