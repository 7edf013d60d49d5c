/// The combined action of normalising and pre-tokenising on one scalar, in 32 bits.
///
/// From the top: 3 bits of kind, 8 bits of combining class (or number of parts), 21 bits of offset. Offsets are
/// relative to the input scalar, so that most ranges of Unicode share one block.
struct ScalarAction: Hashable, Sendable {
  enum Kind: UInt32 {
    /// Appends a scalar to the word.
    case letter
    /// Ends the word.
    case space
    /// Does nothing: cleaning removed the scalar, or it is a mark without effect.
    case drop
    /// Drops a mark of combining class 0: marks before and after it are ordered separately.
    case barrier
    /// Ends the word, and makes a word of one scalar.
    case isolated
    /// Appends a scalar that canonical ordering may move before others.
    case combining
    /// Several actions, from the table's parts.
    case expansion
    /// A Hangul syllable, which is decomposed by its rule.
    case hangul
  }

  private let bits: UInt32

  private static let offsetMask: UInt32 = 0x1F_FFFF

  private init(_ kind: Kind, detail: UInt8 = 0, offset: UInt32 = 0) {
    bits = kind.rawValue << 29 | UInt32(detail) << 21 | offset & Self.offsetMask
  }

  static let space = ScalarAction(.space)
  static let drop = ScalarAction(.drop)
  static let barrier = ScalarAction(.barrier)
  static let hangul = ScalarAction(.hangul)
  static let unchangedLetter = ScalarAction(.letter)

  static func letter(_ output: UInt32, from scalar: UInt32) -> ScalarAction {
    ScalarAction(.letter, offset: output &- scalar)
  }

  static func isolated(_ output: UInt32, from scalar: UInt32) -> ScalarAction {
    ScalarAction(.isolated, offset: output &- scalar)
  }

  static func combining(_ output: UInt32, class combiningClass: UInt8, from scalar: UInt32) -> ScalarAction {
    ScalarAction(.combining, detail: combiningClass, offset: output &- scalar)
  }

  static func expansion(partsAt start: Int, count: Int) -> ScalarAction {
    ScalarAction(.expansion, detail: UInt8(count), offset: UInt32(start))
  }

  var kind: Kind {
    @inline(__always) get { Kind(rawValue: bits >> 29).unsafelyUnwrapped }
  }

  /// The output scalar for the input `scalar` (letter, isolated, combining).
  @inline(__always)
  func output(for scalar: UInt32) -> UInt32 {
    (scalar &+ bits) & Self.offsetMask
  }

  var combiningClass: UInt8 { UInt8(truncatingIfNeeded: bits >> 21) }

  /// The positions of an expansion's parts.
  var parts: Range<Int> {
    let start = Int(bits & Self.offsetMask)
    return start..<start + Int(combiningClass)
  }
}
