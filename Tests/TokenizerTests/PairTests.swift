import Testing

@testable import Tokenizer

struct PairTests {
  @Test func `A pair has a separator behind each text, and types`() throws {
    let tokenizer = try RuleFolder.tokenizer()
    let pair = tokenizer.encode("graph cite", "a graph", maxTokens: 64)
    #expect(pair.ids == RuleFolder.ids("[CLS]", "graph", "cite", "[SEP]", "a", "graph", "[SEP]"))
    #expect(pair.secondSegment == 4)
    #expect(!pair.truncated)
    #expect(
      tokenizer.encode("", "", maxTokens: 3) == TokenSequence(ids: [2, 3, 3], truncated: false, secondSegment: 2))
    #expect(tokenizer.encode("graph", maxTokens: 64).secondSegment == nil)
  }

  /// The kept tokens, by the rule of `tokenizers` 0.23.
  @Test(arguments: [
    (9, 2, 5, 3, 2), (2, 9, 5, 2, 3), (8, 9, 5, 2, 3), (9, 8, 5, 3, 2), (9, 9, 5, 2, 3), (9, 9, 4, 2, 2),
    (3, 2, 5, 3, 2),
    (600, 10, 509, 499, 10), (700, 600, 509, 255, 254), (600, 700, 509, 254, 255), (9, 0, 5, 5, 0), (1, 1, 0, 0, 0),
    (1, 1, 1, 0, 1), (2, 1, 1, 1, 0),
  ])
  func `The longer text is cut first`(first: Int, second: Int, room: Int, keptFirst: Int, keptSecond: Int) throws {
    let texts = (String(repeating: "a ", count: first), String(repeating: "b ", count: second))
    for side in ["right", "left"] {
      let tokenizer = try RuleFolder.tokenizer(config: #"{"truncation_side": "\#(side)"}"#)
      let pair = tokenizer.encode(texts.0, texts.1, maxTokens: room + 3)
      #expect(pair.ids.filter { $0 == 8 }.count == keptFirst)
      #expect(pair.ids.filter { $0 == 9 }.count == keptSecond)
      #expect(pair.truncated == (first + second > room))
      #expect(pair.secondSegment == keptFirst + 2)
    }
  }

  @Test func `Types that the files leave out, or that versions give in two ways`() throws {
    let untyped = try RuleFolder.tokenizer(config: #"{"model_input_names": ["input_ids", "attention_mask"]}"#)
    #expect(untyped.encode("a", "b", maxTokens: 9).secondSegment == nil)
    #expect(untyped.pairRefusal == nil)
    let distilled = try RuleFolder.tokenizer(config: #"{"tokenizer_class": "DistilBertTokenizer"}"#)
    #expect(distilled.encode("a", "b", maxTokens: 9).secondSegment == nil)
    let general = try RuleFolder.tokenizer(
      config: #"{"tokenizer_class": "PreTrainedTokenizerFast"}"#, serialized: RuleFolder.serialized())
    #expect(general.pairRefusal?.reason.contains("model_input_names") == true)
  }
}
