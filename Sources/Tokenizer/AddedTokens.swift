/// Matches tokens in a text: the leftmost first, and the longest of those that begin at one position.
struct AddedTokens: Sendable {
  /// The tokens as a trie; its ids are positions in `tokens`.
  private let trie: Vocabulary
  private let tokens: [(id: Int32, isSingleWord: Bool)]
  private let startsToken: [Bool]

  /// The match at a position of a text.
  enum Match: Equatable {
    case token(Int32, end: Int)
    /// A token's text inside a word, where it does not count. The next search begins at its end.
    case withinWord(end: Int)
  }

  init(_ tokens: [(bytes: [UInt8], id: Int32, isSingleWord: Bool)]) {
    let entries = tokens.enumerated().map { (bytes: $1.bytes, id: Int32($0)) }
    trie = Vocabulary(tokens: entries, continuationPrefix: "")
    self.tokens = tokens.map { ($0.id, $0.isSingleWord) }
    var startsToken = [Bool](repeating: false, count: 256)
    for token in tokens {
      if let byte = token.bytes.first { startsToken[Int(byte)] = true }
    }
    self.startsToken = startsToken
  }

  /// Whether any token starts with this byte.
  func mayStart(with byte: UInt8) -> Bool { startsToken[Int(byte)] }

  /// The longest token at `position` of the text.
  func match(in text: Span<UInt8>, at position: Int) -> Match? {
    guard let match = trie.longestMatch(in: text, from: position, state: trie.wordStart) else { return nil }
    let token = tokens[Int(match.token)]
    if token.isSingleWord, Self.isWord(text, before: position) || Self.isWord(text, at: match.end) {
      return .withinWord(end: match.end)
    }
    return .token(token.id, end: match.end)
  }

  private static func isWord(_ text: Span<UInt8>, before position: Int) -> Bool {
    guard position > 0 else { return false }
    var start = position - 1
    while start > 0 && text[start] & 0xC0 == 0x80 { start -= 1 }
    return isWord(text, at: start)
  }

  private static func isWord(_ text: Span<UInt8>, at position: Int) -> Bool {
    guard position < text.count else { return false }
    return Unicode.Scalar(UTF8Scalar.decode(text, at: position).scalar).map(WordCharacter.contains) ?? false
  }
}
