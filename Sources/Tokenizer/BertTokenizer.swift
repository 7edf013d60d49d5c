/// BERT's WordPiece tokenizer, equal id for id to Hugging Face's BertTokenizerFast.
///
/// Added tokens such as `[SEP]` are taken out of the text as written; the rest is normalised, split
/// into words at whitespace and around punctuation, and each word is spelt by the vocabulary.
public struct BertTokenizer: Sendable {
  let wordPiece: WordPiece
  let table: NormalizationTable
  let addedTokens: AddedTokens
  /// For a byte that only ever adds one ASCII character to a word: that character; else 0.
  let asciiLetters: [UInt8]
  private let classificationToken: Int32
  private let separatorToken: Int32

  /// The path of the file that the tokens come from.
  public let vocabularyPath: String
  /// The highest token id, plus one.
  public let vocabularySize: Int
  /// Whether case is kept.
  public let isCased: Bool
  /// The longest sequence by `model_max_length` of `tokenizer_config.json`; nil where it sets no limit.
  public let modelMaxLength: Int?

  /// Reads the tokenizer of a model's folder.
  public init(folder: String) throws(TokenizerError) {
    try self.init(files: .folder(folder))
  }

  /// Reads a tokenizer: `tokenizer_config.json`, `vocab.txt` and `tokenizer.json`.
  ///
  /// The tokens are those of `vocab.txt`, or of `tokenizer.json` where there is no `vocab.txt`; a setting
  /// is taken from `tokenizer_config.json`, then from `tokenizer.json`, else it is that of uncased BERT.
  ///
  /// - Throws: ``TokenizerError`` naming the file that cannot be used, or the folder that has none.
  public init(files: TokenizerFiles) throws(TokenizerError) {
    let source = try TokenizerFolder(files)
    guard !source.tokens.isEmpty else { throw source.vocabularyFile.error("the vocabulary is empty") }
    let vocabulary = Vocabulary(tokens: source.tokens, continuationPrefix: source.continuationPrefix)
    func required(_ token: String) throws(TokenizerError) -> Int32 {
      guard let id = vocabulary.id(of: token.utf8) else {
        throw source.vocabularyFile.error("the vocabulary has no \(token)")
      }
      return id
    }
    classificationToken = try required("[CLS]")
    separatorToken = try required("[SEP]")
    wordPiece = WordPiece(
      vocabulary: vocabulary, unknownToken: try required(source.unknownToken),
      maxCharactersPerWord: source.maxCharactersPerWord)
    table = NormalizationTable(source.normalizer)
    let special = [source.unknownToken, "[SEP]", "[PAD]", "[CLS]", "[MASK]"]
    let added = Self.addedTokens(special: special, listed: source.addedTokens, vocabulary: vocabulary)
    addedTokens = AddedTokens(added)
    asciiLetters = Self.asciiLetters(table: table, addedTokens: addedTokens)
    vocabularyPath = source.vocabularyFile.path
    vocabularySize = max(vocabulary.size, (added.map { Int($0.id) }.max() ?? -1) + 1)
    isCased = !source.normalizer.lowercases
    modelMaxLength = nil
  }

  /// The ids of a text: `[CLS]`, its tokens, `[SEP]`; at most `maxTokens` of them.
  ///
  /// A longer text loses tokens at its end, never the final `[SEP]`; what lies beyond is not looked at.
  ///
  /// - Parameter maxTokens: 2 or more.
  public func encode(_ text: String, maxTokens: Int) -> TokenSequence {
    precondition(maxTokens >= 2, "there must be room for [CLS] and [SEP]")
    let limit = maxTokens - 1
    var reader = TextReader(self, ids: [classificationToken])
    reader.read(text.utf8Span.span, limit: limit)
    var ids = reader.ids
    let truncated = ids.count > limit
    if truncated {
      ids.removeSubrange(limit...)
    }
    ids.append(separatorToken)
    return TokenSequence(ids: ids, truncated: truncated)
  }

  /// The ids of a pair of texts: `[CLS]`, the first's tokens, `[SEP]`, the second's tokens, `[SEP]`; at most `maxTokens`
  /// of them. The second text and its `[SEP]` are of token type 1.
  ///
  /// A pair that is too long loses tokens of the longer text first, as in Hugging Face's `longest_first`.
  ///
  /// - Parameter maxTokens: 3 or more.
  public func encode(_ first: String, _ second: String, maxTokens: Int) -> TokenSequence {
    precondition(maxTokens >= 3, "there must be room for [CLS] and two [SEP]")
    let a = encode(first, maxTokens: .max).ids.dropFirst().dropLast()
    let b = encode(second, maxTokens: .max).ids.dropFirst().dropLast()
    let (keepA, keepB) = PairTruncation.longestFirst(a.count, b.count, room: maxTokens - 3)
    let head = [classificationToken] + a.prefix(keepA) + [separatorToken]
    return TokenSequence(
      ids: head + b.prefix(keepB) + [separatorToken], truncated: keepA < a.count || keepB < b.count,
      secondSegment: head.count)
  }

  /// The special tokens that the vocabulary has, and the listed ones, with the vocabulary's ids if it
  /// has them.
  private static func addedTokens(
    special: [String], listed: [AddedToken], vocabulary: Vocabulary
  ) -> [(bytes: [UInt8], id: Int32)] {
    var tokens: [(bytes: [UInt8], id: Int32)] = special.compactMap { token in
      vocabulary.id(of: token.utf8).map { (Array(token.utf8), $0) }
    }
    for token in listed where !tokens.contains(where: { $0.bytes == token.content }) {
      tokens.append((token.content, vocabulary.id(of: token.content) ?? token.id))
    }
    return tokens
  }

  private static func asciiLetters(table: NormalizationTable, addedTokens: AddedTokens) -> [UInt8] {
    var letters = [UInt8](repeating: 0, count: 256)
    for byte in UInt8(0)..<0x80 where !addedTokens.mayStart(with: byte) {
      let action = table.action(for: UInt32(byte))
      if action.kind == .letter, let letter = UInt8(exactly: action.output(for: UInt32(byte))) {
        letters[Int(byte)] = letter
      }
    }
    return letters
  }
}
