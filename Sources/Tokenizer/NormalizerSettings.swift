/// The four switches of Hugging Face's BertNormalizer; its steps run in this order.
struct NormalizerSettings: Sendable, Equatable {
  /// Drops control characters and U+FFFD; any whitespace becomes a space.
  var cleansText = true
  /// Makes every CJK ideograph a word of its own.
  var isolatesIdeographs = true
  /// Decomposes canonically (NFD) and drops nonspacing marks.
  var stripsAccents = true
  /// Lowercases scalar by scalar, without regard to context.
  var lowercases = true
}
