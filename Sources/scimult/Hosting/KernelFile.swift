import SystemPackage

/// A small text file in `/proc` or `/sys`, whose size the kernel does not report before it is read.
enum KernelFile {
  /// The first 64 KiB; nil if the file does not exist or cannot be read.
  static func text(_ path: String) -> String? {
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
    return try? file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 64 << 10)
      let count = try bytes.withUnsafeMutableBytes { target in
        var filled = 0
        while filled < target.count {
          let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: target[filled...]))
          guard count > 0 else { break }
          filled += count
        }
        return filled
      }
      return String(decoding: bytes[..<count], as: UTF8.self)
    }
  }
}
