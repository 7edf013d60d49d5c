/// BERT's WordPiece tokenizer. Its ids equal those of transformers' AutoTokenizer for the same files.
///
/// Added tokens such as `[SEP]` are matched in the text first. The rest is normalised and split into words at white
/// space and around punctuation. Each word becomes tokens of the vocabulary.
public struct BertTokenizer: Sendable {
  private let wordPiece: WordPiece
  private let phases: TextPhases
  private let classificationToken: Int32
  private let separatorToken: Int32
  private let truncationSide: TruncationSide
  private let hasTokenTypes: Bool

  /// The path of the file with the tokens.
  public let vocabularyPath: String
  /// The highest token id, plus one.
  public let vocabularySize: Int
  /// Whether the tokenizer keeps case.
  public let isCased: Bool
  /// The text of the token that ends a sequence, and that stands between the parts of a paper.
  public let separator: String
  /// SHA-256 over everything that determines ids.
  public let identity: [UInt8]
  /// Why ``encode(_:_:maxTokens:)`` does not do what the files specify; nil if it does.
  public let pairRefusal: TokenizerError?

  /// Reads a tokenizer from its files, which must include a vocabulary.
  ///
  /// The tokenizer behaves as AutoTokenizer does with the same files. It refuses files that AutoTokenizer's versions 4
  /// and 5 read differently, and files for which AutoTokenizer would run other code than BERT's.
  ///
  /// - Parameter lowercasesFirst: whether texts are lowercased before they are normalised, whatever the files say, as
  ///   sentence-transformers does if `do_lower_case` of `sentence_bert_config.json` is true. Added tokens are matched
  ///   before that: `[SEP]` stays a separator.
  /// - Throws: ``TokenizerError`` with the file that cannot be used, or the folder without a vocabulary.
  public init(files: TokenizerFiles, lowercasesFirst: Bool = false) throws(TokenizerError) {
    let source = try TokenizerFolder(files, lowercasesFirst: lowercasesFirst)
    let vocabulary = Vocabulary(tokens: source.tokens, continuationPrefix: source.continuationPrefix)
    guard let unknownToken = vocabulary.id(of: source.unknownToken.utf8) else {
      throw source.vocabularyFile.error("the vocabulary has no \(source.unknownToken)")
    }
    wordPiece = WordPiece(
      vocabulary: vocabulary, unknownToken: unknownToken, maxCharactersPerWord: source.maxCharactersPerWord)
    phases = try TextPhases(source.addedTokens, normalizer: source.normalizer, in: source.vocabularyFile)
    classificationToken = source.classificationToken
    separatorToken = source.separatorToken
    truncationSide = source.truncationSide
    hasTokenTypes = source.hasTokenTypes
    vocabularyPath = source.vocabularyFile.path
    let added = source.addedTokens.map(\.id) + [classificationToken, separatorToken]
    vocabularySize = max(vocabulary.size, Int(added.max() ?? 0) + 1)
    isCased = !source.normalizer.removesCase
    separator = source.separator
    identity = source.identity
    pairRefusal = source.pairRefusal
  }

  /// Whether a text that is too long loses its beginning.
  public var cutsBeginnings: Bool { truncationSide == .left }

  /// Whether a text is one token of the vocabulary, and not the unknown token.
  public func isOneToken(_ text: String) -> Bool {
    let ids = encode(text, maxTokens: 4).ids
    return ids.count == 3 && ids[1] != wordPiece.unknownToken
  }

  /// The ids of a text: `[CLS]`, its tokens, `[SEP]`; at most `maxTokens` of them.
  ///
  /// A longer text loses tokens at its end, and the tokenizer does not read further; or at its beginning, if
  /// `truncation_side` is left. `[CLS]` and the final `[SEP]` stay.
  ///
  /// - Parameter maxTokens: 2 or more.
  public func encode(_ text: String, maxTokens: Int) -> TokenSequence {
    precondition(maxTokens >= 2, "there must be room for [CLS] and [SEP]")
    var window = read(text, keeping: part(maxTokens - 2))
    let isTruncated = window.count > maxTokens - 2
    return TokenSequence(
      ids: [classificationToken] + window.close() + [separatorToken], truncated: isTruncated)
  }

  /// The ids of a pair of texts: `[CLS]`, the first's tokens, `[SEP]`, the second's tokens, `[SEP]`; at most
  /// `maxTokens` of them. The second text and its `[SEP]` have token type 1, unless `model_input_names` has no types.
  ///
  /// A pair that is too long loses tokens of the longer text first, as in Hugging Face's `longest_first`.
  ///
  /// - Parameter maxTokens: 3 or more.
  public func encode(_ first: String, _ second: String, maxTokens: Int) -> TokenSequence {
    precondition(maxTokens >= 3, "there must be room for [CLS] and two [SEP]")
    let room = maxTokens - 3
    var a = read(first, keeping: part(room))
    var b = read(second, keeping: part(room))
    var counts = (a.count, b.count)
    if a.isFull && b.isFull && !room.isMultiple(of: 2) {
      // The odd token goes to the longer text, so both texts must be counted to their ends.
      counts = (read(first, keeping: .last(0)).count, read(second, keeping: .last(0)).count)
    }
    let kept = PairTruncation.longestFirst(counts.0, counts.1, room: room)
    let isTruncated = kept.first < counts.0 || kept.second < counts.1
    func end(_ ids: [Int32], _ count: Int) -> ArraySlice<Int32> {
      truncationSide == .right ? ids.prefix(count) : ids.suffix(count)
    }
    let head = [classificationToken] + end(a.close(), kept.first) + [separatorToken]
    return TokenSequence(
      ids: head + end(b.close(), kept.second) + [separatorToken], truncated: isTruncated,
      secondSegment: hasTokenTypes ? head.count : nil)
  }

  private func part(_ count: Int) -> TokenWindow.Part {
    switch truncationSide {
    case .left: .last(count)
    case .right: .first(count)
    }
  }

  private func read(_ text: String, keeping part: TokenWindow.Part) -> TokenWindow {
    let text = text.utf8Span.span
    switch phases {
    case .fused(let phase):
      var reader = TextReader(wordPiece, phase, window: TokenWindow(part))
      reader.read(text)
      return reader.window
    case .separate(let written, let normalizer, let normalized):
      var reader = TextReader(wordPiece, normalized, window: TokenWindow(part))
      var start = 0
      var position = 0
      while position < text.count && !reader.window.isFull {
        guard written.mayStart(with: text[position]), let match = written.match(in: text, at: position) else {
          position += 1
          continue
        }
        switch match {
        case .token(let token, let end):
          reader.read(NormalizedText(text.extracting(start..<position), by: normalizer).bytes.span)
          reader.append(token)
          start = end
          position = end
        case .withinWord(let end): position = end
        }
      }
      reader.read(NormalizedText(text.extracting(start..<text.count), by: normalizer).bytes.span)
      return reader.window
    }
  }
}
