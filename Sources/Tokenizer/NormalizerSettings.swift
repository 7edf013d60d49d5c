/// The switches of Hugging Face's normalisers that are served; the steps run in this order.
struct NormalizerSettings: Sendable, Equatable {
  /// Lowercases scalar by scalar before anything else, as a `Lowercase` in front of a `BertNormalizer` does.
  var lowercasesFirst = false
  /// Drops control characters and U+FFFD; any whitespace becomes a space.
  var cleansText = true
  /// Makes every CJK ideograph a word of its own.
  var isolatesIdeographs = true
  /// Decomposes canonically (NFD) and drops nonspacing marks.
  var stripsAccents = true
  /// Lowercases scalar by scalar, without regard to context.
  var lowercases = true

  /// Leaves every text as it is.
  static let identity = NormalizerSettings(
    cleansText: false, isolatesIdeographs: false, stripsAccents: false, lowercases: false)

  /// Whether no upper case is left in a text.
  var removesCase: Bool { lowercases || lowercasesFirst }

  /// Equal for settings that are known to do the same: what is in lower case stays so, and only stripping accents
  /// depends on which comes first.
  var canonical: NormalizerSettings {
    var settings = self
    settings.lowercases = removesCase
    if removesCase && !stripsAccents { settings.lowercasesFirst = false }
    return settings
  }
}
