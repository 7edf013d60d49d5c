/// The decomposition rule of precomposed Hangul (The Unicode Standard, section 3.12).
enum HangulSyllable {
  private static let leadBase: UInt32 = 0x1100
  private static let vowelBase: UInt32 = 0x1161
  private static let tailBase: UInt32 = 0x11A7
  private static let vowelCount: UInt32 = 21
  private static let tailCount: UInt32 = 28

  static let all: Range<UInt32> = 0xAC00..<0xAC00 + 19 * vowelCount * tailCount

  /// The two or three jamo of a syllable, in order.
  @inline(__always)
  static func forEachJamo(of syllable: UInt32, _ body: (UInt32) -> Void) {
    let index = syllable - all.lowerBound
    body(leadBase + index / (vowelCount * tailCount))
    body(vowelBase + index / tailCount % vowelCount)
    if index % tailCount != 0 {
      body(tailBase + index % tailCount)
    }
  }
}
