@testable import Tokenizer

extension FuzzTarget {
  /// `tokenizer.json`: either refused, or read as a vocabulary. The vocabulary finds every token of the file, and no
  /// match ends outside the text.
  static let tokenizerFile = FuzzTarget(name: "tokenizer-file") { bytes in
    let files = TokenizerFiles(["tokenizer.json": bytes], path: "model")
    guard let folder = try? TokenizerFolder(files), !folder.tokens.isEmpty else { return }
    let vocabulary = Vocabulary(tokens: folder.tokens, continuationPrefix: folder.continuationPrefix)
    for token in folder.tokens.prefix(100) {
      let last = folder.tokens.last { $0.bytes == token.bytes }
      try promise(vocabulary.id(of: token.bytes) == last?.id, "\(token) is not found")
      try promise((0..<vocabulary.size).contains(Int(token.id)), "\(token) of \(vocabulary.size)")
      for state in [vocabulary.wordStart, vocabulary.continuation].compactMap(\.self) {
        let match = vocabulary.longestMatch(in: token.bytes.span, from: 0, state: state)
        try promise((1...token.bytes.count).contains(match?.end ?? 1), "\(String(describing: match)) in \(token)")
      }
    }
  }
}
