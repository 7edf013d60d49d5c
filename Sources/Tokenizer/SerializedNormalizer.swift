import JSON

/// The normaliser of a `tokenizer.json`.
struct SerializedNormalizer: Equatable {
  /// The file's `BertNormalizer`; nil if there is none.
  var bert: Bert?
  /// Whether a `Lowercase` comes before it.
  var lowercasesFirst = false
  /// Whether a `Lowercase` comes after it, or stands alone.
  var lowercasesLast = false
  /// Whether the normaliser is a `Sequence` or a `Lowercase`, and not only a `BertNormalizer` or none.
  private(set) var isComposed = false

  struct Bert: Equatable {
    var cleansText: Bool
    var isolatesIdeographs: Bool
    /// nil: accents are stripped if text is lowercased.
    var stripsAccents: Bool?
    var lowercases: Bool
  }

  init(_ json: JSONValue, in file: FolderFile) throws(TokenizerError) {
    try append(json, in: file)
    // Without a `BertNormalizer`, before and after are the same.
    if bert == nil { (lowercasesFirst, lowercasesLast) = (false, lowercasesFirst) }
  }

  /// Adds a step. A sequence that is not one `BertNormalizer` with an optional `Lowercase` on either side is refused.
  private mutating func append(_ json: JSONValue, in file: FolderFile) throws(TokenizerError) {
    if json.isNull { return }
    isComposed = isComposed || json["type"]?.string != "BertNormalizer"
    switch json["type"]?.string {
    case "Sequence":
      for step in try file.list("normalizers", of: json) ?? [] { try append(step, in: file) }
    case "Lowercase":
      if bert == nil { lowercasesFirst = true } else { lowercasesLast = true }
    case "BertNormalizer":
      guard bert == nil else { throw file.error("normalizer: two BertNormalizers in a Sequence are not served") }
      bert = Bert(
        cleansText: try file.flag("clean_text", of: json) ?? true,
        isolatesIdeographs: try file.flag("handle_chinese_chars", of: json) ?? true,
        stripsAccents: try file.flag("strip_accents", of: json),
        lowercases: try file.flag("lowercase", of: json) ?? true)
    case let type:
      throw file.error(
        "normalizer type \(type ?? json.kind) is not served; only BertNormalizer is, with or without Lowercase"
      )
    }
  }

  /// Whether the file's `BertNormalizer` has these settings.
  func hasBert(as settings: NormalizerSettings) -> Bool {
    guard let bert else { return false }
    return bert.cleansText == settings.cleansText && bert.isolatesIdeographs == settings.isolatesIdeographs
      && (bert.stripsAccents ?? bert.lowercases) == settings.stripsAccents && bert.lowercases == settings.lowercases
  }

  /// The normaliser's complete effect, as settings.
  var settings: NormalizerSettings {
    var settings = NormalizerSettings.identity
    if let bert {
      settings = NormalizerSettings(
        cleansText: bert.cleansText, isolatesIdeographs: bert.isolatesIdeographs,
        stripsAccents: bert.stripsAccents ?? bert.lowercases, lowercases: bert.lowercases)
    }
    settings.lowercasesFirst = lowercasesFirst
    settings.lowercases = settings.lowercases || lowercasesLast
    return settings
  }
}
