/// The properties of one scalar in `tokenizers`, in the bits of ``UnicodeTables/propertyRuns``.
struct ScalarProperties: OptionSet, Sendable {
  let rawValue: UInt8

  /// Dropped by text cleaning.
  static let control = ScalarProperties(rawValue: 1)
  /// Ends a word.
  static let whitespace = ScalarProperties(rawValue: 2)
  /// Ends a word and is itself a word.
  static let punctuation = ScalarProperties(rawValue: 4)
  /// A CJK ideograph.
  static let ideograph = ScalarProperties(rawValue: 8)
  /// A mark that accent stripping drops.
  static let nonspacing = ScalarProperties(rawValue: 16)
}
