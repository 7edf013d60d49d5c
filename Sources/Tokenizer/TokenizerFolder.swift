/// What the files of a model folder, taken together, say about its tokenizer.
struct TokenizerFolder {
  var tokens: [(bytes: [UInt8], id: Int32)]
  var addedTokens: [AddedToken]
  var normalizer: NormalizerSettings
  var unknownToken: String
  var continuationPrefix: String
  var maxCharactersPerWord: Int
  /// The file that the tokens come from.
  var vocabularyFile: FolderFile

  /// Reads the files: tokens from `vocab.txt`, or `tokenizer.json` where there is none.
  init(_ folder: TokenizerFiles) throws(TokenizerError) {
    let vocabulary = try FolderFile(VocabularyFile.name, in: folder)
    let serialized = try FolderFile(TokenizerFile.name, in: folder)
    guard let source = vocabulary ?? serialized else {
      throw TokenizerError(
        file: folder.path, reason: "no vocabulary: neither \(VocabularyFile.name) nor \(TokenizerFile.name) is there")
    }
    vocabularyFile = source
    var tokenizer: TokenizerFile?
    if let serialized { tokenizer = try TokenizerFile(serialized) }
    var config: TokenizerConfigFile?
    if let file = try FolderFile(TokenizerConfigFile.name, in: folder) { config = try TokenizerConfigFile(file) }

    if let vocabulary {
      tokens = try VocabularyFile.tokens(of: vocabulary)
    } else {
      tokens = tokenizer?.tokens ?? []
    }
    addedTokens = (tokenizer?.addedTokens ?? []) + (config?.addedTokens ?? [])
    unknownToken = tokenizer?.unknownToken ?? "[UNK]"
    continuationPrefix = tokenizer?.continuationPrefix ?? "##"
    maxCharactersPerWord = tokenizer?.maxCharactersPerWord ?? 100
    normalizer = Self.settings(config: config, normalizer: tokenizer?.normalizer)
  }

  private static func settings(
    config: TokenizerConfigFile?, normalizer: TokenizerFile.Normalizer?
  ) -> NormalizerSettings {
    let lowercases = config?.lowercases ?? normalizer?.lowercases ?? true
    let stripsAccents = config?.stripsAccents ?? normalizer?.stripsAccents
    return NormalizerSettings(
      cleansText: normalizer?.cleansText ?? true,
      isolatesIdeographs: config?.isolatesIdeographs ?? normalizer?.isolatesIdeographs ?? true,
      stripsAccents: stripsAccents ?? lowercases,
      lowercases: lowercases)
  }
}
