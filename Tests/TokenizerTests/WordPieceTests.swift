import Testing

@testable import Tokenizer

struct WordPieceTests {
  @Test func `The longest piece is taken first`() throws {
    let tokenizer = try tokenizer(["vocab.txt": vocabulary("un", "una", "##ffable", "##aff", "##able", "##f")])
    #expect(tokenizer.content("unaffable") == [6, 7])
    #expect(tokenizer.content("unaffa") == [1])
  }

  @Test func `A word that cannot be spelt is one unknown`() throws {
    let tokenizer = try tokenizer(["vocab.txt": vocabulary("a", "##b")])
    #expect(tokenizer.content("ab abc cab a") == [5, 6, 1, 1, 5])
  }

  @Test func `A vocabulary without continuations spells whole words only`() throws {
    let tokenizer = try tokenizer(["vocab.txt": vocabulary("a", "ab")])
    #expect(tokenizer.content("a ab abb") == [5, 6, 1])
  }

  @Test(arguments: ["a", "é", "\u{1D538}"])
  func `A word may have 100 characters, not 101`(character: String) throws {
    let tokenizer = try tokenizer(["vocab.txt": vocabulary("a", "##a", "e", "##e", "\u{1D538}", "##\u{1D538}")])
    #expect(tokenizer.content(String(repeating: character, count: 100)).count == 100)
    #expect(tokenizer.content(String(repeating: character, count: 101)) == [1])
    #expect(tokenizer.content(String(repeating: character, count: 100_000) + " a") == [1, 5])
  }

  @Test func `The last of two equal tokens counts`() throws {
    let tokenizer = try tokenizer(["vocab.txt": vocabulary("a", "b", "a")])
    #expect(tokenizer.content("a b") == [7, 6])
  }

  @Test func `Every token of a vocabulary is found, and nothing else`() throws {
    var generator = SeededGenerator(state: 7)
    var tokens: [[UInt8]: Int32] = [:]
    for id in Int32(0)..<5_000 {
      let length = Int.random(in: 1...6, using: &generator)
      tokens[(0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) & 0xC3 }] = id
    }
    let vocabulary = Vocabulary(
      tokens: tokens.map { (bytes: $0.key, id: $0.value) }, continuationPrefix: "##")
    for (token, id) in tokens {
      #expect(vocabulary.id(of: token) == id)
      let longer = token + [0x40]
      #expect(vocabulary.id(of: longer) == tokens[longer])
    }
  }
}
