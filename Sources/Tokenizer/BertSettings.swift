/// The settings that BERT's own tokenizer classes take from `tokenizer_config.json`, and with which `tokenizer.json`
/// must agree.
///
/// transformers 5 builds these classes only from `tokenizer_config.json` and the vocabulary. transformers 4 also keeps
/// the other parts of `tokenizer.json`. Files that the two would read differently are refused.
enum BertSettings {
  static func normalizer(
    _ configuration: TokenizerConfigFile?, _ tokenizer: TokenizerFile?, lowercasesFirst: Bool
  ) throws(TokenizerError) -> NormalizerSettings {
    let lowercases = configuration?.lowercases ?? true
    var settings = NormalizerSettings(
      isolatesIdeographs: configuration?.isolatesIdeographs ?? true,
      stripsAccents: configuration?.stripsAccents ?? lowercases, lowercases: lowercases)
    guard let tokenizer else {
      settings.lowercasesFirst = lowercasesFirst
      return settings
    }
    let serialized = tokenizer.normalizer
    if let bert = serialized.bert, !bert.cleansText {
      throw tokenizer.file.error("normalizer.clean_text is false, which transformers 5 passes over; true is served")
    }
    if serialized.isComposed {
      var composed = serialized.settings
      // sentence-transformers puts a Lowercase before the normaliser of tokenizer_config.json.
      if serialized.lowercasesFirst { settings.lowercasesFirst = serialized.hasBert(as: settings) }
      settings.lowercasesFirst = settings.lowercasesFirst || lowercasesFirst
      composed.lowercasesFirst = composed.lowercasesFirst || lowercasesFirst
      guard composed.canonical == settings.canonical else {
        throw tokenizer.file.error(
          "normalizer is a Sequence that differs from do_lower_case, strip_accents and tokenize_chinese_chars of "
            + "\(TokenizerConfigFile.name); write the same there, or set tokenizer_class to PreTrainedTokenizerFast")
      }
    }
    settings.lowercasesFirst = settings.lowercasesFirst || lowercasesFirst
    return settings
  }

  /// Refuses a token that is matched in the normalised text if `tokenizer.json` would normalise it differently:
  /// transformers 4 keeps that result.
  static func check(
    _ tokens: [(token: AddedToken, id: Int32)], of tokenizer: TokenizerFile, by settings: NormalizerSettings
  ) throws(TokenizerError) {
    let normalized = tokens.map(\.token).filter(\.isNormalized)
    guard !normalized.isEmpty, tokenizer.normalizer.bert != nil, tokenizer.normalizer.settings != settings else {
      return
    }
    let table = NormalizationTable(settings, purpose: .normalizedText)
    let other = NormalizationTable(tokenizer.normalizer.settings, purpose: .normalizedText)
    for token in normalized {
      let content = Array(token.content.utf8)
      guard NormalizedText(content.span, by: table).bytes == NormalizedText(content.span, by: other).bytes else {
        throw tokenizer.file.error(
          "the added token \"\(token.content)\" is normalized, but normalizer differs from "
            + "\(TokenizerConfigFile.name); set do_lower_case, strip_accents and tokenize_chinese_chars there alike")
      }
    }
  }

  /// Refuses a `tokenizer.json` whose model or post-processor is not BERT's.
  static func check(
    _ tokenizer: TokenizerFile, unknownToken: String, ids: (classification: Int32, separator: Int32)
  ) throws(TokenizerError) {
    let file = tokenizer.file
    guard tokenizer.unknownToken == unknownToken else {
      throw file.error("model.unk_token is \"\(tokenizer.unknownToken)\", but unk_token is \"\(unknownToken)\"")
    }
    guard tokenizer.continuationPrefix == "##" else {
      throw file.error(
        "model.continuing_subword_prefix is \"\(tokenizer.continuationPrefix)\", which BertTokenizer takes for \"##\"")
    }
    guard tokenizer.maxCharactersPerWord == 100 else {
      throw file.error(
        "model.max_input_chars_per_word is \(tokenizer.maxCharactersPerWord), which BertTokenizer takes for 100")
    }
    // transformers 5 puts [CLS] and [SEP] around a text even then, as every BERT needs it.
    guard let processor = tokenizer.postProcessor else { return }
    guard processor.classification.id == ids.classification, processor.separator.id == ids.separator else {
      throw file.error(
        "post_processor puts tokens \(processor.classification.id) and \(processor.separator.id) around a text, but "
          + "cls_token and sep_token are \(ids.classification) and \(ids.separator)")
    }
  }
}
