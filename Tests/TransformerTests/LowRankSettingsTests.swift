import Checkpoint
import Testing

@testable import Transformer

/// adapter_config.json of a LoRA adapter: the factors of its products, and refused settings.
@Suite struct LowRankSettingsTests {
  private static func read(_ members: String) throws -> LowRankSettings {
    let text = #"{"peft_type": "LORA""# + (members.isEmpty ? "" : ", ") + members + "}"
    return try LowRankSettings(ModelSettings(file: "adapter_config.json", bytes: Array(text.utf8)))
  }

  private static let query = "encoder.layer.0.attention.self.query"

  @Test func alphaIsDividedByTheRank() throws {
    #expect(try Self.read(#""lora_alpha": 6"#).scale(of: Self.query, rank: 4) == 1.5)
    #expect(try Self.read(#""lora_alpha": -0.5, "r": 9"#).scale(of: Self.query, rank: 2) == -0.25)
    #expect(try Self.read("").scale(of: Self.query, rank: 16) == 0.5, "peft's alpha is 8")
  }

  @Test func aRankStabilisedAlphaIsDividedByItsRoot() throws {
    let settings = try Self.read(#""lora_alpha": 6, "use_rslora": true, "alpha_pattern": {"key": 3}"#)
    #expect(settings.scale(of: Self.query, rank: 4) == 3)
    #expect(settings.scale(of: "encoder.layer.0.attention.self.key", rank: 9) == 1)
  }

  /// As in peft: a pattern matches the module's whole name, or its end after a dot.
  @Test(arguments: [
    ("query", "layer.0.query", true), ("query", "query", true), ("query", "layer.0.queryx", false),
    ("query", "layer.0.xquery", false), ("0.query", "layer.0.query", true), ("0.query", "layer.10.query", false),
    ("layer.0", "layer.0.query", false), (".*query", "layer.0.xquery", true), (".*", "anything", true),
    ("layer\\\\.[13]\\\\.query", "encoder.layer.3.query", true),
    ("layer\\\\.[13]\\\\.query", "encoder.layer.2.query", false),
    ("query|key", "layer.0.key", true), ("que", "layer.0.query", false), ("Query", "layer.0.query", false),
    ("layer.0.query", "layerX0Yquery", true), ("", "layer.0.query", false),
  ])
  func aPatternIsARegularExpression(pattern: String, module: String, matches: Bool) throws {
    let settings = try Self.read(#""lora_alpha": 1, "alpha_pattern": {"\#(pattern)": 5}"#)
    #expect(settings.scale(of: module, rank: 1) == (matches ? 5 : 1))
  }

  @Test(
    arguments: [
      (#"{".*query": 3, "0.attention.self.query": 9}"#, 3), (#"{"0.attention.self.query": 9, ".*query": 3}"#, 9),
      (#"{"key": 7, "self.query": 2, "query": 4, ".*": 5}"#, 2), (#"{"query": null, ".*": 5}"#, 5), ("{}", 1),
      ("null", 1),
    ] as [(String, Float)])
  func theFirstPatternOfTheFileCounts(patterns: String, alpha: Float) throws {
    let settings = try Self.read(#""lora_alpha": 1, "alpha_pattern": \#(patterns)"#)
    #expect(settings.scale(of: Self.query, rank: 1) == alpha)
  }

  @Test(arguments: [
    (#""alpha_pattern": {"a(b": 2}"#, "alpha_pattern.a(b"), (#""alpha_pattern": {"a": "2"}"#, "alpha_pattern.a"),
    (#""alpha_pattern": ["a"]"#, "alpha_pattern"), (#""lora_alpha": "8""#, "lora_alpha"),
    (#""lora_alpha": NaN"#, "lora_alpha"), (#""lora_alpha": 1e10"#, "lora_alpha"),
    (#""use_rslora": "yes""#, "use_rslora"),
    (#""init_lora_weights": "pissa""#, "init_lora_weights"), (#""init_lora_weights": "olora""#, "init_lora_weights"),
    (#""use_dora": true, "lora_bias": true"#, "lora_bias"), (#""use_qalora": true"#, "use_qalora"),
    (#""layer_replication": [[0, 2]]"#, "layer_replication"),
    (#""trainable_token_indices": [1]"#, "trainable_token_indices"),
    (#""target_parameters": ["a"]"#, "target_parameters"), (#""unknown_key": 0"#, "unknown_key"),
    (#""unknown_key": "x""#, "unknown_key"), (#""unknown_key": {"a": 1}"#, "unknown_key"),
  ])
  func aKeyThatCannotBeServedIsNamed(members: String, entry: String) throws {
    let error = try #require(throws: ModelError.self) { try Self.read(members) }
    #expect(error.file == "adapter_config.json" && error.entry == entry)
  }

  @Test(arguments: [
    #""unknown_key": null, "another": false, "a_third": [], "a_fourth": {}"#, #""init_lora_weights": true"#,
    #""init_lora_weights": false"#, #""init_lora_weights": "gaussian""#, #""use_dora": true"#, #""lora_bias": true"#,
    #""lora_dropout": 0.5, "target_modules": "all-linear", "fan_in_fan_out": true"#,
  ])
  func whatSaysNothingOrChangesNothingIsTaken(members: String) throws {
    #expect(try Self.read(members).scale(of: Self.query, rank: 8) == 1)
  }

  @Test(arguments: ["\"IA3\"", "\"lora\"", "\"\"", "null", "7"])
  func anotherTypeIsRefused(type: String) throws {
    let error = try #require(throws: ModelError.self) {
      try LowRankSettings(ModelSettings(file: "a", bytes: Array("{\"peft_type\": \(type)}".utf8)))
    }
    #expect(error.entry == "peft_type")
  }
}
