/// Reads little-endian integers from file headers.
extension [UInt8] {
  /// The unsigned integer in `byteCount` (at most 8) bytes at `offset`; the caller has checked the bounds.
  func littleEndian(at offset: Int, byteCount: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<byteCount {
      value |= UInt64(self[offset + index]) << UInt64(8 * index)
    }
    return value
  }
}
