import CZlib

/// A CRC-32 (as in zip files) that is computed chunk by chunk.
struct Checksum {
  private(set) var value: UInt32 = 0

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    value = UInt32(truncatingIfNeeded: crc32_z(uLong(value), base.assumingMemoryBound(to: UInt8.self), bytes.count))
  }

  /// Throws if the checksum of the bytes so far is not the one that the archive states.
  func check(against expected: UInt32, site: ErrorSite) throws(ModelError) {
    guard value == expected else {
      throw site.error(
        "checksum is \(String(value, radix: 16)), the archive states \(String(expected, radix: 16)): it is corrupt")
    }
  }
}
