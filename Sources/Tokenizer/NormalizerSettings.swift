/// The supported switches of Hugging Face's normalisers; the steps run in this order.
struct NormalizerSettings: Sendable, Equatable {
  /// Lowercases scalar by scalar before anything else, like a `Lowercase` before a `BertNormalizer`.
  var lowercasesFirst = false
  /// Drops control characters and U+FFFD; any whitespace becomes a space.
  var cleansText = true
  /// Makes every CJK ideograph a separate word.
  var isolatesIdeographs = true
  /// Decomposes canonically (NFD) and drops nonspacing marks.
  var stripsAccents = true
  /// Lowercases scalar by scalar, without regard to context.
  var lowercases = true

  /// Leaves every text unchanged.
  static let identity = NormalizerSettings(
    cleansText: false, isolatesIdeographs: false, stripsAccents: false, lowercases: false)

  /// Whether a normalised text has no upper case.
  var removesCase: Bool { lowercases || lowercasesFirst }

  /// A canonical form, equal for settings that are known to have the same effect: lower case stays lower case, and only
  /// accent stripping depends on which step comes first.
  var canonical: NormalizerSettings {
    var settings = self
    settings.lowercases = removesCase
    if removesCase && !stripsAccents { settings.lowercasesFirst = false }
    return settings
  }
}
