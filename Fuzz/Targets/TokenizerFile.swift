@testable import Tokenizer

extension FuzzTarget {
  /// `tokenizer.json`: refused, or a tokenizer that keeps a tokenizer's promises.
  static let tokenizerFile = FuzzTarget(name: "tokenizer-file") { bytes in
    guard let tokenizer = try? BertTokenizer(files: .contents(["tokenizer.json": bytes], path: "model")) else { return }
    for text in ["", "unaffable tokens, naïve 語", "[MASK] [CLS]\u{0}"] {
      try keepsPromises(tokenizer, text: text)
    }
  }

  /// Ids are the vocabulary's, a shorter sequence is the beginning of a longer one, and whether something is missing is
  /// said.
  static func keepsPromises(_ tokenizer: BertTokenizer, text: String) throws {
    let whole = tokenizer.encode(text, maxTokens: 4_096)
    try promise(
      whole.ids.allSatisfy { (0..<tokenizer.vocabularySize).contains(Int($0)) },
      "\(whole.ids) of \(tokenizer.vocabularySize) tokens")
    for maxTokens in [2, 3, 7] {
      let short = tokenizer.encode(text, maxTokens: maxTokens)
      try promise((2...maxTokens).contains(short.ids.count), "\(short.ids) has more than \(maxTokens)")
      try promise(whole.ids.starts(with: short.ids.dropLast()), "\(short.ids) does not begin \(whole.ids)")
      try promise(short.ids.last == whole.ids.last, "\(short.ids) does not end as \(whole.ids)")
      try promise(short.truncated == (short.ids.count < whole.ids.count), "\(short) of \(whole)")
    }
  }
}
