@testable import Tokenizer

extension FuzzTarget {
  /// Any text through the normaliser and a small vocabulary, cased and uncased.
  static let wordPiece = FuzzTarget(name: "word-piece") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    for tokenizer in try wordPieces.get() { try keepsPromises(tokenizer, text: text) }
  }

  private static let wordPieces = Result {
    try [true, false].map { lowercases in
      try BertTokenizer(
        files: .contents(
          [
            "vocab.txt": Array(wordPieceVocabulary.joined(separator: "\n").utf8),
            "tokenizer_config.json": Array(#"{"do_lower_case": \#(lowercases)}"#.utf8),
          ], path: "vocabulary"))
    }
  }

  private static let wordPieceVocabulary =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "tokens", "語", "naive", "na", "ï", "##ve"]
    + "abcdefghijklmnopqrstuvwxyz0123456789.,()[]#".flatMap { ["\($0)", "##\($0)"] }
}
