import Testing

@testable import Tokenizer

struct DocumentFormatTests {
  @Test func `A paper is its title, a separator and its abstract`() {
    #expect(bert.joined(title: "T", abstract: "A b.") == "T [SEP] A b.")
    #expect(bert.content(bert.joined(title: "a", abstract: "b")) == [1037, 102, 1038])
  }

  @Test func `An empty abstract leaves the separator`() {
    #expect(bert.encode(bert.joined(title: "a", abstract: ""), maxTokens: 512).ids == [101, 1037, 102, 102])
  }

  @Test func `The separator is the model's own`() throws {
    let tokens = ["[PAD]", "[UNK]", "<s>", "</s>", "[MASK]", "a", "b"].joined(separator: "\n")
    let model = try tokenizer([
      "vocab.txt": tokens,
      "tokenizer_config.json": #"{"tokenizer_class": "BertTokenizer", "cls_token": "<s>", "sep_token": "</s>"}"#,
    ])
    #expect(model.joined(title: "a", abstract: "b") == "a </s> b")
    #expect(model.encode(model.joined(title: "a", abstract: "b"), maxTokens: 9).ids == [2, 5, 3, 6, 3])
  }
}
