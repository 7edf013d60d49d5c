import Foundation
import Testing

@testable import Tokenizer

/// Properties that hold for every text.
struct TokenizerPropertyTests {
  private static let textCount = 4_000

  private func check(_ text: String, by tokenizer: BertTokenizer, using generator: inout SeededGenerator) {
    let whole = tokenizer.encode(text, maxTokens: 100_000)
    #expect(!whole.truncated)
    #expect(whole.ids.first == 101)
    #expect(whole.ids.last == 102)
    #expect(whole.ids.allSatisfy { (0..<Int32(tokenizer.vocabularySize)).contains($0) })

    let maxTokens = Int.random(in: 2...40, using: &generator)
    let cut = tokenizer.encode(text, maxTokens: maxTokens)
    #expect(cut.ids.count == min(maxTokens, whole.ids.count))
    #expect(cut.truncated == (whole.ids.count > maxTokens))
    #expect(cut.ids.last == 102)
    #expect(whole.ids.starts(with: cut.ids.dropLast()))
  }

  private static func cased() throws -> BertTokenizer {
    let vocabulary = try String(contentsOfFile: bertFolder + "/vocab.txt", encoding: .utf8)
    return try tokenizer(["vocab.txt": vocabulary, "tokenizer_config.json": #"{"do_lower_case": false}"#])
  }

  @Test func `Random scalars`() throws {
    let tokenizers = [bert, try Self.cased()]
    let planes: [ClosedRange<UInt32>] = [
      0...0x7F, 0...0x7FF, 0...0xFFFF, 0...0x10FFFF, 0x300...0x36F, 0x1D160...0x1D1AF,
    ]
    var generator = SeededGenerator(state: 1)
    for _ in 0..<Self.textCount {
      var text = ""
      for _ in 0..<Int.random(in: 0...60, using: &generator) {
        let plane = planes.randomElement(using: &generator) ?? 0...0x7F
        if let scalar = Unicode.Scalar(UInt32.random(in: plane, using: &generator)) {
          text.unicodeScalars.append(scalar)
        }
      }
      for tokenizer in tokenizers { check(text, by: tokenizer, using: &generator) }
    }
  }

  @Test func `Random bytes, repaired`() throws {
    let tokenizers = [bert, try Self.cased()]
    var generator = SeededGenerator(state: 2)
    for _ in 0..<Self.textCount {
      let bytes = (0..<Int.random(in: 0...120, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      for tokenizer in tokenizers { check(text, by: tokenizer, using: &generator) }
    }
  }

  @Test func `Long words and long runs of marks`() {
    var generator = SeededGenerator(state: 4)
    for part in ["x", "é", "\u{301}", "\u{1D16D}\u{1D165}", "가", "[", "[SEP]", "\u{200B}"] {
      check(String(repeating: part, count: 5_000), by: bert, using: &generator)
    }
  }
}
