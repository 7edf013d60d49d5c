@testable import Tokenizer

extension FuzzTarget {
  /// Any text, through the normaliser and a small vocabulary, cased and uncased.
  static let wordPiece = FuzzTarget(name: "word-piece") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    for tokenizer in try wordPieces.get() { try keepsPromises(tokenizer, text: text) }
  }

  private static let wordPieces = Result {
    try [true, false].map { lowercases in
      try BertTokenizer(
        files: TokenizerFiles(
          [
            "vocab.txt": Array(wordPieceVocabulary.joined(separator: "\n").utf8),
            "tokenizer_config.json": Array(#"{"do_lower_case": \#(lowercases)}"#.utf8),
          ], path: "vocabulary"))
    }
  }

  private static let wordPieceVocabulary =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "tokens", "語", "naive", "na", "ï", "##ve"]
    + "abcdefghijklmnopqrstuvwxyz0123456789.,()[]#".flatMap { ["\($0)", "##\($0)"] }

  /// Checks that ids are in the vocabulary, that a truncated sequence is a prefix of the full one, and that truncation
  /// is reported.
  private static func keepsPromises(_ tokenizer: BertTokenizer, text: String) throws {
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
