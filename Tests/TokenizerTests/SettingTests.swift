import Testing

@testable import Tokenizer

/// Settings of `tokenizer_config.json` together with those of the normaliser.
struct SettingTests {
  @Test func `Truncation on the left keeps the end of a text`() throws {
    let text = "a b c a b c"
    let left = try RuleFolder.tokenizer(config: #"{"truncation_side": "left"}"#)
    #expect(left.encode(text, maxTokens: 5) == TokenSequence(ids: [2, 8, 9, 10, 3], truncated: true))
    #expect(left.encode(text, maxTokens: 8) == TokenSequence(ids: [2, 8, 9, 10, 8, 9, 10, 3], truncated: false))
    #expect(left.encode(text, maxTokens: 2) == TokenSequence(ids: [2, 3], truncated: true))
    let truncation = #"{"direction": "Left", "max_length": 99, "strategy": "LongestFirst", "stride": 0}"#
    let serialized = RuleFolder.serialized(truncation: truncation)
    #expect(try RuleFolder.tokenizer(serialized: serialized).encode(text, maxTokens: 4).ids == [2, 9, 10, 3])
    let right = try RuleFolder.tokenizer(config: #"{"truncation_side": "right"}"#, serialized: serialized)
    #expect(right.encode(text, maxTokens: 4).ids == [2, 8, 9, 3])
  }

  @Test func `Truncation on the left is the end of the whole`() throws {
    let left = try RuleFolder.tokenizer(config: #"{"truncation_side": "left"}"#)
    let text = String(repeating: "a b c ", count: 100_000) + "graph"
    let sequence = left.encode(text, maxTokens: 5)
    #expect(sequence == TokenSequence(ids: [2] + RuleFolder.ids("b", "c", "graph") + [3], truncated: true))
  }

  @Test(arguments: [
    #""truncation_side": "middle""#, #""do_lower_case": null"#, #""tokenize_chinese_chars": 1"#,
    #""auto_map": {"AutoTokenizer": ["x.Y", null]}"#, #""init_inputs": ["x"]"#, #""do_basic_tokenize": false"#,
    #""never_split": ["x"]"#, #""split_special_tokens": true"#, #""add_bos_token": true"#, #""add_eos_token": true"#,
    #""fast_tokenizer_files": ["tokenizer.4.0.json"]"#, #""from_slow": true"#, #""vocab_file": "/x"#.appending("\""),
  ])
  func `A key that would change tokens is refused by name`(member: String) throws {
    let refusal = try RuleFolder.refusal { try RuleFolder.tokenizer(config: "{\(member)}") }
    let key = try #require(member.split(separator: "\"").first)
    #expect(refusal?.hasPrefix("m/tokenizer_config.json: \(key)") == true, "\(refusal ?? "served")")
  }

  @Test func `Keys without effect, and those that are refused only for other values`() throws {
    let config = """
      {"clean_text": false, "do_basic_tokenize": true, "never_split": null, "split_special_tokens": false,
       "max_length": 3,
       "auto_map": {"AutoModel": "x.Y"}, "tokenizer_file": null, "init_inputs": [], "something": {"else": [1]}}
      """
    #expect(try RuleFolder.tokenizer(config: config).content("a b c a") == [8, 9, 10, 8])
  }

  @Test func `Every key that is refused is there once, with a reason`() {
    let keys = RefusedTokenizerKeys.all
    #expect(Set(keys.map(\.name)).count == keys.count)
    #expect(keys.allSatisfy { !$0.reason.isEmpty && !$0.reason.hasSuffix(".") })
  }
}
