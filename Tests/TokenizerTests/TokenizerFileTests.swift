import Testing

@testable import Tokenizer

struct TokenizerFileTests {
  private static let vocabulary =
    ###""[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "a": 5, "##b": 6, "A": 7, "é": 8, "e\u0301": 9"###

  private func file(
    normalizer: String = "null", addedTokens: String = "[]", model: String = #""type": "WordPiece""#
  ) -> String {
    """
    {"version": "1.0", "truncation": {"max_length": 3}, "padding": {"strategy": {"Fixed": 9}},
     "added_tokens": \(addedTokens), "normalizer": \(normalizer), "pre_tokenizer": {"type": "BertPreTokenizer"},
     "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
     "model": {\(model), "vocab": {\(Self.vocabulary)}}}
    """
  }

  @Test func `It serves where there is no vocab file, without its truncation and padding`() throws {
    let tokenizer = try tokenizer(["tokenizer.json": file()])
    #expect(tokenizer.encode("ab A[SEP]", maxTokens: 8).ids == [2, 5, 6, 5, 3, 3])
    #expect(tokenizer.vocabularySize == 10)
  }

  @Test func `Its normalizer does not count for BERT's own classes`() throws {
    let cased = file(normalizer: #"{"type": "BertNormalizer", "lowercase": false, "strip_accents": null}"#)
    #expect(try tokenizer(["tokenizer.json": cased]).content("A") == [5])
    let config = #"{"do_lower_case": false}"#
    #expect(
      try tokenizer(["tokenizer.json": cased, "tokenizer_config.json": config]).content("A é e\u{301}") == [7, 8, 9])
  }

  @Test func `Its normalizer counts alone for PreTrainedTokenizerFast`() throws {
    let config = #"{"tokenizer_class": "PreTrainedTokenizerFast", "do_lower_case": true}"#
    let cased = file(normalizer: #"{"type": "BertNormalizer", "lowercase": false, "strip_accents": null}"#)
    #expect(
      try tokenizer(["tokenizer.json": cased, "tokenizer_config.json": config]).content("A é e\u{301}") == [7, 8, 9])
    let raw = file(normalizer: #"{"type": "BertNormalizer", "clean_text": false, "lowercase": true}"#)
    #expect(
      try tokenizer(["tokenizer.json": raw, "tokenizer_config.json": config]).content("a\u{B}a a\u{0}") == [5, 5, 1])
    #expect(
      try tokenizer(["tokenizer.json": file(), "tokenizer_config.json": config]).content("A\u{B}a x") == [7, 5, 1])
  }

  @Test func `Added tokens may lie beyond the vocabulary`() throws {
    let added = #"[{"id": 10, "content": "[NEW]", "special": true, "normalized": false}]"#
    let tokenizer = try tokenizer(["tokenizer.json": file(addedTokens: added)])
    #expect(tokenizer.content("a[NEW]a") == [5, 10, 5])
    #expect(tokenizer.vocabularySize == 11)
  }

  @Test func `The model's own settings are heeded`() throws {
    let model = #""unk_token": "[PAD]", "continuing_subword_prefix": "a", "max_input_chars_per_word": 2"#
    let tokenizer = try tokenizer([
      "tokenizer.json": file(model: model), "tokenizer_config.json": #"{"tokenizer_class": "PreTrainedTokenizerFast"}"#,
    ])
    #expect(tokenizer.content("x a aaa") == [0, 5, 0])
  }
}
