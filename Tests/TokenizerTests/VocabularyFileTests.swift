import Foundation
import Testing

@testable import Tokenizer

struct VocabularyFileTests {
  @Test(arguments: [
    "[UNK]\r\n[CLS]\r\n[SEP]\r\na\r\n##b\r\n",
    "[UNK] \n[CLS]\t\n[SEP]\u{A0}\na\u{2028}\n##b \u{85}",
    "\u{FEFF}[UNK]\n[CLS]\n[SEP]\na\n##b",
    "[UNK]\n[CLS]\n[SEP]\na\n##b\n\n\n",
  ])
  func `Line ends, trailing white space and a byte order mark do not count`(content: String) throws {
    let tokenizer = try tokenizer(["vocab.txt": content])
    #expect(tokenizer.encode("ab", maxTokens: 8).ids == [1, 3, 4, 2])
    #expect(tokenizer.vocabularySize == 5)
  }

  @Test func `Blank lines take an id`() throws {
    let tokenizer = try tokenizer(["vocab.txt": "[UNK]\n\n[CLS]\n  \n[SEP]\na\n"])
    #expect(tokenizer.encode("a", maxTokens: 8).ids == [2, 5, 4])
  }

  @Test func `Canonically equivalent tokens stay apart`() throws {
    let tokenizer = try tokenizer([
      "vocab.txt": vocabulary("é", "e\u{301}"), "tokenizer_config.json": #"{"do_lower_case": false}"#,
    ])
    #expect(tokenizer.content("é e\u{301}") == [5, 6])
  }

  @Test func `The settings of the fixture are those of uncased BERT`() {
    #expect(bert.vocabularySize == 30_522)
    #expect(!bert.isCased)
  }
}
