import CZlib
import NIOCore

/// zlib for whole messages.
enum Zlib {
  enum Format {
    case gzip
    /// RFC 1950, which HTTP and gRPC call deflate.
    case zlib

    /// zlib's parameter for the format, with the largest window.
    fileprivate var windowBits: Int32 {
      switch self {
      case .gzip: MAX_WBITS + 16
      case .zlib: MAX_WBITS
      }
    }
  }

  enum InflateError: Error {
    /// The bytes are not exactly one compressed message.
    case malformed
    /// The message would expand beyond the limit.
    case tooLarge
    /// There is no memory for zlib's own state, some 40 KB.
    case noMemory
  }

  /// Decompresses a message; never holds more than `maxBytes` and one byte.
  /// - Parameter stream: zlib's initial state; it may name an allocator.
  static func inflate(
    _ bytes: ByteBuffer, _ format: Format, maxBytes: Int, stream: z_stream = z_stream()
  ) throws(InflateError) -> ByteBuffer {
    var stream = stream
    guard inflateInit2_(&stream, format.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw .noMemory
    }
    defer { inflateEnd(&stream) }
    var output = ByteBuffer()
    let status = bytes.withUnsafeReadableBytes { source in
      stream.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
      stream.avail_in = UInt32(source.count)
      var status = Z_OK
      while status == Z_OK, output.readableBytes <= maxBytes {
        let room = min(max(output.readableBytes, leastRoom), maxBytes + 1 - output.readableBytes)
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
          stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
          stream.avail_out = UInt32(room)
          status = CZlib.inflate(&stream, Z_NO_FLUSH)
          return room - Int(stream.avail_out)
        }
      }
      return status
    }
    guard output.readableBytes <= maxBytes else { throw .tooLarge }
    guard status != Z_MEM_ERROR else { throw .noMemory }
    guard status == Z_STREAM_END, stream.avail_in == 0 else { throw .malformed }
    return output
  }

  /// Compresses at zlib's fastest level: embeddings hardly shrink at any.
  /// - Parameter stream: zlib's initial state; it may name an allocator.
  /// - Returns: nil if there is no memory for zlib's own state, some 270 KB.
  static func deflate(_ bytes: ByteBuffer, _ format: Format, stream: z_stream = z_stream()) -> ByteBuffer? {
    var stream = stream
    let status = deflateInit2_(
      &stream, Z_BEST_SPEED, Z_DEFLATED, format.windowBits, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    var output = ByteBuffer()
    let room = Int(deflateBound(&stream, UInt(bytes.readableBytes)))
    bytes.withUnsafeReadableBytes { source in
      stream.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
      stream.avail_in = UInt32(source.count)
      output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
        stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = UInt32(room)
        let status = CZlib.deflate(&stream, Z_FINISH)
        precondition(status == Z_STREAM_END, "a bound of zlib's own is too small")
        return room - Int(stream.avail_out)
      }
    }
    return output
  }

  private static let leastRoom = 16 << 10
}
