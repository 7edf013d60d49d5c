import Testing

@testable import Tokenizer

/// Tokens that are matched in texts, for each file that can define them.
struct AddedTokenTests {
  private static let query = RuleFolder.ids("a", "[QRY]", "b")

  @Test(arguments: ["additional_special_tokens", "extra_special_tokens"])
  func `Special tokens without a role`(key: String) throws {
    for list in [#"["[QRY]"]"#, #"[{"content": "[QRY]", "normalized": false}]"#] {
      let json = #"{"\#(key)": \#(list)}"#
      #expect(try RuleFolder.tokenizer(config: json).content("a [QRY]b") == Self.query)
      #expect(try RuleFolder.tokenizer(map: json).content("a[QRY] b") == Self.query)
    }
    #expect(try RuleFolder.tokenizer(config: #"{"\#(key)": {"q": "[QRY]"}}"#).content("a [QRY] b") == Self.query)
  }

  @Test func `Special tokens with a role may have other names`() throws {
    let named = #"{"cls_token": "<s>", "sep_token": {"content": "</s>", "normalized": false}}"#
    for (config, map) in [(named, nil), (nil, named), (#"{"cls_token": "[QRY]"}"#, named)] as [(String?, String?)] {
      let tokenizer = try RuleFolder.tokenizer(config: config, map: map)
      #expect(tokenizer.encode("graph", maxTokens: 9).ids == RuleFolder.ids("<s>", "graph", "</s>"))
      #expect(tokenizer.content("a</s>") == RuleFolder.ids("a", "</s>"))
      #expect(tokenizer.content("[SEP]").count == 3)
    }
    // If there is an added_tokens_decoder, other definitions are ignored.
    let tokenizer = try RuleFolder.tokenizer(config: #"{"added_tokens_decoder": {}}"#, map: named)
    #expect(tokenizer.encode("graph", maxTokens: 9).ids == RuleFolder.ids("[CLS]", "graph", "[SEP]"))
  }

  @Test func `Added tokens of the list are matched in the normalised text`() throws {
    let tokenizer = try RuleFolder.tokenizer(list: #"{"[CITE]": 28}"#)
    #expect(tokenizer.content("a [CITE] b [cite][Cite]") == [8, 28, 9, 28, 28])
    #expect(tokenizer.vocabularySize == 29)
    let cased = try RuleFolder.tokenizer(config: #"{"do_lower_case": false}"#, list: #"{"[CITE]": 28}"#)
    #expect(cased.content("[CITE][cite]") == [28] + RuleFolder.ids("[", "cite", "]"))
  }

  @Test func `Normalized tokens are matched between those of the text as written`() throws {
    let config = """
      {"added_tokens_decoder": {"8": {"content": "a", "normalized": true},
        "3": {"content": "[SEP]", "normalized": false}}}
      """
    // A letter of a longer word is matched, too; a special token ends the piece.
    let tokenizer = try RuleFolder.tokenizer(config: config)
    #expect(tokenizer.content("Á[SEP]cafe b") == RuleFolder.ids("a", "[SEP]", "c", "a", "[UNK]", "b"))
  }

  @Test func `A single word counts only where no word character touches it`() throws {
    let tokenizer = try RuleFolder.tokenizer(
      serialized: RuleFolder.serialized(
        added: RuleFolder.added("[QRY]", #", "normalized": false, "single_word": true"#)))
    #expect(tokenizer.content("[QRY]") == [7])
    #expect(tokenizer.content("a [QRY]. b").contains(7))
    #expect(tokenizer.content("([QRY])[QRY]").filter { $0 == 7 }.count == 2)
    for text in ["a[QRY]", "[QRY]b", "é[QRY]", "[QRY]\u{301}", "_[QRY]", "[QRY]9"] {
      #expect(!tokenizer.content(text).contains(7), "\(text)")
    }
  }

  @Test(arguments: [
    (#"{"added_tokens_decoder": {"5": {"content": "[QRY]"}}}"#, "has id 5, but the vocabulary has it as 7"),
    (#"{"added_tokens_decoder": {"40": {"content": "[NEW]"}}}"#, "has id 40, but the next free id is 28"),
    (#"{"additional_special_tokens": ["[QRY]"], "extra_special_tokens": ["<s>"]}"#, "differs from another such list"),
    (#"{"query_token": "[QRY]"}"#, "query_token"), (#"{"cls_token": null}"#, "cls_token is null"),
    (#"{"cls_token": 7}"#, "cls_token"), (#"{"additional_special_tokens": 7}"#, "additional_special_tokens"),
    (#"{"cls_token": "<nowhere>"}"#, ""),
  ])
  func `Declarations that contradict something`(config: String, reason: String) throws {
    let refusal = try RuleFolder.refusal { try RuleFolder.tokenizer(config: config) }
    // A token that is missing from the vocabulary gets the next id, for which the model must have a row.
    guard !reason.isEmpty else {
      #expect(try RuleFolder.tokenizer(config: config).vocabularySize == 29)
      return
    }
    #expect(refusal?.contains(reason) == true, "\(refusal ?? "served")")
  }

  @Test func `Two files that declare a token in two ways`() throws {
    let config = #"{"added_tokens_decoder": {"7": {"content": "[QRY]", "normalized": true}}}"#
    let added = RuleFolder.added("[QRY]", #", "normalized": false"#)
    let refusal = try RuleFolder.refusal {
      try RuleFolder.tokenizer(config: config, serialized: RuleFolder.serialized(added: added))
    }
    #expect(refusal?.contains("differs from m/tokenizer.json in normalized or single_word") == true)
    let missing = try RuleFolder.refusal {
      try RuleFolder.tokenizer(
        config: #"{"added_tokens_decoder": {}}"#, serialized: RuleFolder.serialized(added: added))
    }
    #expect(missing?.contains("added_tokens_decoder lacks \"[QRY]\"") == true)
  }
}
