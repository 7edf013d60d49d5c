/// Tokens that are taken out of the text as it was written, before anything is normalised.
///
/// At each place the longest one wins, as in `tokenizers`.
struct AddedTokens: Sendable {
  /// Longest first.
  private let tokens: [(bytes: [UInt8], id: Int32)]
  private let startsToken: [Bool]

  init(_ tokens: [(bytes: [UInt8], id: Int32)]) {
    self.tokens = tokens.filter { !$0.bytes.isEmpty }.sorted { $0.bytes.count > $1.bytes.count }
    var startsToken = [Bool](repeating: false, count: 256)
    for token in self.tokens {
      startsToken[Int(token.bytes[0])] = true
    }
    self.startsToken = startsToken
  }

  /// Whether some token starts with this byte.
  func mayStart(with byte: UInt8) -> Bool { startsToken[Int(byte)] }

  /// The longest token at `position` of the text.
  func match(in text: Span<UInt8>, at position: Int) -> Vocabulary.Match? {
    for token in tokens where Self.matches(token.bytes, in: text, at: position) {
      return Vocabulary.Match(token: token.id, end: position + token.bytes.count)
    }
    return nil
  }

  private static func matches(_ bytes: [UInt8], in text: Span<UInt8>, at position: Int) -> Bool {
    guard bytes.count <= text.count - position else { return false }
    for offset in bytes.indices where bytes[offset] != text[position + offset] {
      return false
    }
    return true
  }
}
