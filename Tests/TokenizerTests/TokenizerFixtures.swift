import Foundation

@testable import Tokenizer

/// A model's folder with the 30,522 tokens of uncased BERT.
let bertFolder: String = {
  let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return tests.appending(path: "Fixtures/tiny-expert").path
}()

/// The tokenizer of that folder: `[CLS]` is 101, `[SEP]` 102, `[UNK]` 100.
let bert: BertTokenizer = {
  do {
    var files: [String: [UInt8]] = [:]
    for name in ["vocab.txt", "tokenizer_config.json"] {
      files[name] = Array(try Data(contentsOf: URL(filePath: bertFolder + "/" + name)))
    }
    return try BertTokenizer(files: TokenizerFiles(files, path: bertFolder))
  } catch {
    fatalError("\(error)")
  }
}()

/// `[PAD]` 0, `[UNK]` 1, `[CLS]` 2, `[SEP]` 3, `[MASK]` 4, then the given tokens from 5 on.
func vocabulary(_ tokens: String...) -> String {
  (["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + tokens).joined(separator: "\n") + "\n"
}

/// The tokenizer of a folder `m` with these files.
func tokenizer(_ files: [String: String]) throws -> BertTokenizer {
  try BertTokenizer(files: TokenizerFiles(files.mapValues { Array($0.utf8) }, path: "m"))
}

extension BertTokenizer {
  /// The ids between `[CLS]` and `[SEP]`.
  func content(_ text: String) -> [Int32] {
    Array(encode(text, maxTokens: 512).ids.dropFirst().dropLast())
  }
}

/// SplitMix64: random numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
