/// The tokenizer settings of a model folder's files, taken together.
///
/// The files are read as transformers' AutoTokenizer reads them. If its versions 4 and 5 would give different tokens,
/// or a file contradicts another, the folder is refused.
struct TokenizerFolder {
  var tokens: [(bytes: [UInt8], id: Int32)]
  var addedTokens: [(token: AddedToken, id: Int32)]
  var normalizer: NormalizerSettings
  var unknownToken: String
  var continuationPrefix: String
  var maxCharactersPerWord: Int
  var classificationToken: Int32
  var separatorToken: Int32
  /// The separator's text.
  var separator: String
  var truncationSide: TruncationSide
  /// Whether the second text of a pair has token type 1.
  var hasTokenTypes: Bool
  /// Why pairs cannot be read as the files specify; nil if they can.
  var pairRefusal: TokenizerError?
  /// The file with the tokens.
  var vocabularyFile: FolderFile

  /// Reads the files: tokens from `vocab.txt`, or from `tokenizer.json` if there is none.
  /// - Parameter lowercasesFirst: whether texts are lowercased before anything else.
  init(_ files: TokenizerFiles, lowercasesFirst: Bool = false) throws(TokenizerError) {
    let vocabulary = files[VocabularyFile.name]
    let serialized = files[TokenizerFile.name]
    guard let source = vocabulary ?? serialized else {
      throw TokenizerError(
        file: files.path, reason: "no vocabulary: neither \(VocabularyFile.name) nor \(TokenizerFile.name) is there")
    }
    vocabularyFile = source
    var tokenizer: TokenizerFile?
    if let serialized { tokenizer = try TokenizerFile(serialized) }
    let listed = try vocabulary.map { (file) throws(TokenizerError) in try VocabularyFile.tokens(of: file) }
    tokens = listed ?? tokenizer?.tokens ?? []
    guard !tokens.isEmpty else { throw source.error("the vocabulary is empty") }

    var configuration: TokenizerConfigFile?
    if let file = files[TokenizerConfigFile.name] { configuration = try TokenizerConfigFile(file) }
    let tokenizerClass = try Self.tokenizerClass(configuration, in: files)
    let declared = try TokenDeclarations(
      files, configuration: configuration, tokenizer: tokenizer, tokenizerClass: tokenizerClass)
    if let vocabulary, let listed, let tokenizer {
      let added = Set(tokenizer.addedTokens.map { Array($0.token.content.utf8) })
      try VocabularyComparison.check(listed, of: vocabulary, beside: tokenizer, except: added)
    }

    addedTokens = try declared.assigned(to: tokens)
    unknownToken = tokenizer?.unknownToken ?? "[UNK]"
    continuationPrefix = tokenizer?.continuationPrefix ?? "##"
    maxCharactersPerWord = tokenizer?.maxCharactersPerWord ?? 100
    truncationSide = configuration?.truncationSide ?? tokenizer?.truncationSide ?? .right

    switch tokenizerClass {
    case .bert(let hasTypes):
      unknownToken = try declared.name(of: "unk_token")
      classificationToken = try Self.id(of: try declared.name(of: "cls_token"), addedTokens, in: source)
      separator = try declared.name(of: "sep_token")
      separatorToken = try Self.id(of: separator, addedTokens, in: source)
      normalizer = try BertSettings.normalizer(configuration, tokenizer, lowercasesFirst: lowercasesFirst)
      hasTokenTypes = configuration?.hasTokenTypes ?? hasTypes
      if let tokenizer {
        try BertSettings.check(
          tokenizer, unknownToken: unknownToken, ids: (classificationToken, separatorToken))
        try BertSettings.check(addedTokens, of: tokenizer, by: normalizer)
      }
    case .serialized:
      guard let tokenizer else {
        throw TokenizerError(
          file: files.path, reason: "no \(TokenizerFile.name), which tokenizer_class PreTrainedTokenizerFast needs")
      }
      guard let processor = tokenizer.postProcessor else { throw tokenizer.file.error(PostProcessor.missing) }
      classificationToken = processor.classification.id
      (separator, separatorToken) = processor.separator
      normalizer = tokenizer.normalizer.settings
      normalizer.lowercasesFirst = normalizer.lowercasesFirst || lowercasesFirst
      hasTokenTypes = configuration?.hasTokenTypes ?? false
      if let configuration, configuration.hasTokenTypes == nil {
        pairRefusal = configuration.file.error(
          "model_input_names is missing: it says whether the second text of a pair is of token type 1")
      }
    }
    if let tokenizer, tokenizer.postProcessor?.handlesPairs == false {
      pairRefusal = tokenizer.file.error("post_processor.pair is not the template [CLS] $A [SEP] $B:1 [SEP]:1")
    }
  }

  /// The id of a special token that must have one.
  private static func id(
    of name: String, _ addedTokens: [(token: AddedToken, id: Int32)], in file: FolderFile
  ) throws(TokenizerError) -> Int32 {
    for (token, id) in addedTokens where token.content.utf8.elementsEqual(name.utf8) { return id }
    throw file.error("the vocabulary has no \(name)")
  }

  private static func tokenizerClass(
    _ configuration: TokenizerConfigFile?, in files: TokenizerFiles
  ) throws(TokenizerError) -> TokenizerClass {
    if let configuration, let name = configuration.tokenizerClass {
      return try TokenizerClass(name, in: configuration.file)
    }
    guard let file = files[ModelConfigFile.name], let name = try ModelConfigFile.tokenizerClass(of: file) else {
      return .unnamed
    }
    return try TokenizerClass(name, in: file)
  }
}
