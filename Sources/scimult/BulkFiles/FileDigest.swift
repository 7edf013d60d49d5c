import CZlib
import SystemPackage

/// A digest that identifies the first bytes of a file, and that can be extended.
struct FileDigest: Codable, Equatable {
  /// The number of digested bytes.
  private(set) var byteCount = 0
  private var checksum: UInt32 = 0

  private static let chunkBytes = 1 << 20

  init() {}

  /// - Throws: ``Failure`` if the file cannot be read, or has fewer bytes.
  init(of path: String, first byteCount: Int) throws {
    try self.extend(over: path, to: byteCount)
  }

  /// Adds the bytes of the file up to a position; none if the digest already covers them.
  mutating func extend(over path: String, to end: Int) throws {
    guard byteCount < end else { return }
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly)
      try file.closeAfter {
        var chunk = [UInt8](repeating: 0, count: min(Self.chunkBytes, end - byteCount))
        while byteCount < end {
          let count = try chunk.withUnsafeMutableBytes { buffer in
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, end - byteCount)])
            return try file.read(fromAbsoluteOffset: Int64(byteCount), into: part)
          }
          guard count > 0 else { throw Failure("\(path): has become shorter than \(end) bytes") }
          checksum = UInt32(truncatingIfNeeded: crc32(UInt(checksum), chunk, UInt32(count)))
          byteCount += count
        }
      }
    } catch let error as Errno {
      throw Failure("\(path): cannot be read: \(error)")
    }
  }
}
