/// Reads scalars from UTF-8 that is known to be valid, such as a String's.
enum UTF8Scalar {
  /// The scalar that starts at `position`, and its width in bytes.
  @inline(__always)
  static func decode(_ text: Span<UInt8>, at position: Int) -> (scalar: UInt32, width: Int) {
    let lead = UInt32(text[position])
    func continuation(_ offset: Int) -> UInt32 { UInt32(text[position + offset]) & 0x3F }
    switch lead {
    case ..<0x80:
      return (lead, 1)
    case ..<0xE0:
      return ((lead & 0x1F) << 6 | continuation(1), 2)
    case ..<0xF0:
      return ((lead & 0x0F) << 12 | continuation(1) << 6 | continuation(2), 3)
    default:
      return ((lead & 0x07) << 18 | continuation(1) << 12 | continuation(2) << 6 | continuation(3), 4)
    }
  }
}
