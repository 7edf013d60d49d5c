import Testing

@testable import Tokenizer

struct SpecialTokenTests {
  @Test func `Special tokens in the text are read as such`() {
    #expect(bert.content("a[SEP]b [MASK][PAD] [CLS] [UNK]") == [1037, 102, 1038, 103, 0, 101, 100])
  }

  @Test func `Anything but the exact spelling is text`() {
    #expect(bert.content("[sep]") == bert.content("[ sep ]"))
    #expect(bert.content("[Sep") == bert.content("[ sep"))
    #expect(bert.content("[S\u{200B}EP]") == bert.content("[ sep ]"))
    #expect(bert.content("[[SEP]]") == [1031, 102, 1033])
    #expect(bert.content("[unused1]") == bert.content("[ unused1 ]"))
  }

  @Test func `A special token ends the word before it`() throws {
    let tokenizer = try tokenizer(["vocab.txt": vocabulary("a", "##b", "b")])
    #expect(tokenizer.content("a[SEP]b") == [5, 3, 7])
  }

  @Test func `Ids come from the vocabulary, whatever their order`() throws {
    let tokenizer = try tokenizer(["vocab.txt": "[PAD]\n[SEP]\nx\n[UNK]\n[CLS]\n"])
    #expect(tokenizer.encode("x y", maxTokens: 8).ids == [4, 2, 3, 1])
    #expect(tokenizer.vocabularySize == 5)
  }

  @Test func `A special token that the vocabulary lacks is text`() throws {
    let tokenizer = try tokenizer(["vocab.txt": "[UNK]\n[CLS]\n[SEP]\n[\nmask\n]\n"])
    #expect(tokenizer.content("[MASK]") == [3, 4, 5])
  }

  @Test func `Listed tokens are added, the longest first`() throws {
    let config = #"""
      {"added_tokens_decoder": {
        "3": {"content": "[SEP]", "special": true, "normalized": false},
        "6": {"content": "<e>", "normalized": false},
        "7": {"content": "<e><f>", "normalized": false}}}
      """#
    let tokenizer = try tokenizer(["vocab.txt": vocabulary("a"), "tokenizer_config.json": config])
    #expect(tokenizer.content("a<e>a<e><f>[SEP]<e") == [5, 6, 5, 7, 3, 1, 1])
    #expect(tokenizer.vocabularySize == 8)
  }
}
