import CZlib
import SystemPackage

/// A number that tells files with different beginnings apart.
package enum InputChecksum {
  private static let countedBytes = 64 << 10

  /// - Throws: ``InputError``.
  package static func ofFile(_ path: String) throws -> UInt32 {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly)
      return try file.closeAfter {
        var beginning = [UInt8](repeating: 0, count: countedBytes)
        let count = try beginning.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: 0, into: $0) }
        return UInt32(truncatingIfNeeded: crc32(0, beginning, UInt32(count)))
      }
    } catch {
      throw InputError("\(path): cannot be read: \(error)")
    }
  }
}
