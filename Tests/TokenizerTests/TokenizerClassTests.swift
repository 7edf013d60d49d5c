import Testing

@testable import Tokenizer

/// Which file defines the normaliser, depending on `tokenizer_class`.
struct TokenizerClassTests {
  private static let bertClasses = [
    nil, "BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "DistilBertTokenizerFast", "ElectraTokenizer",
    "ElectraTokenizerFast",
  ]
  private static let text = "Graph Café a中b"
  private static let lowered = RuleFolder.ids("graph", "cafe", "a", "中", "b")

  private func config(_ name: String?, _ rest: String = "") -> String {
    let named = name.map { #""tokenizer_class": "\#($0)""# }
    return "{" + [named, rest.isEmpty ? nil : rest].compactMap(\.self).joined(separator: ", ") + "}"
  }

  @Test(
    arguments: bertClasses,
    [
      RuleFolder.normalizer(lowercase: "false"), RuleFolder.normalizer(accents: "false"),
      RuleFolder.normalizer(ideographs: "false"), "null",
    ])
  func `BERT's classes take their defaults, not the normalizer of the tokenizer file`(name: String?, normalizer: String)
    throws
  {
    let serialized = RuleFolder.serialized(normalizer: normalizer)
    #expect(try RuleFolder.tokenizer(config: config(name), serialized: serialized).content(Self.text) == Self.lowered)
  }

  @Test(arguments: bertClasses)
  func `BERT's classes take their settings from the config`(name: String?) throws {
    let cased = try RuleFolder.tokenizer(
      config: config(name, #""do_lower_case": false, "tokenize_chinese_chars": false"#),
      serialized: RuleFolder.serialized())
    #expect(cased.isCased)
    #expect(cased.content("Graph café a中") == RuleFolder.ids("Graph", "café", "a", "##中"))
    let accented = try RuleFolder.tokenizer(config: config(name, #""strip_accents": false"#))
    #expect(accented.content("CAFÉ") == RuleFolder.ids("café"))
  }

  @Test(arguments: ["PreTrainedTokenizerFast", "TokenizersBackend"])
  func `The general class takes the tokenizer file's normalizer, not the config's settings`(name: String) throws {
    let cased = RuleFolder.serialized(normalizer: RuleFolder.normalizer(lowercase: "false"))
    let lowering = #""do_lower_case": true, "tokenize_chinese_chars": false, "strip_accents": true"#
    #expect(
      try RuleFolder.tokenizer(config: config(name, lowering), serialized: cased).content("Graph a中")
        == RuleFolder.ids("Graph", "a", "中"))
    let keeping = #""do_lower_case": false"#
    #expect(
      try RuleFolder.tokenizer(config: config(name, keeping), serialized: RuleFolder.serialized()).content(Self.text)
        == Self.lowered)
    let none = RuleFolder.serialized(normalizer: "null")
    #expect(
      try RuleFolder.tokenizer(config: config(name), serialized: none).content("Graph É")
        == RuleFolder.ids("Graph", "É"))
  }

  @Test func `A Lowercase in a Sequence`() throws {
    let sequence =
      #"{"type": "Sequence", "normalizers": [{"type": "Lowercase"}, \#(RuleFolder.normalizer(lowercase: "false"))]}"#
    let general = try RuleFolder.tokenizer(
      config: config("PreTrainedTokenizerFast"), serialized: RuleFolder.serialized(normalizer: sequence))
    #expect(general.content("Graph CAFÉ") == RuleFolder.ids("graph", "café"))
    #expect(!general.isCased)
    // The form in which sentence-transformers saves a cased BERT whose texts it lowercases.
    let bert = try RuleFolder.tokenizer(
      config: config("BertTokenizer", #""do_lower_case": false"#),
      serialized: RuleFolder.serialized(normalizer: sequence))
    #expect(bert.content("Graph CAFÉ") == RuleFolder.ids("graph", "café"))
    let refusal = try RuleFolder.refusal {
      try RuleFolder.tokenizer(
        config: config("BertTokenizer"), serialized: RuleFolder.serialized(normalizer: sequence))
    }
    #expect(refusal?.hasPrefix("m/tokenizer.json: normalizer is a Sequence") == true)
  }

  @Test(arguments: [
    "NFC", "NFKC", "StripAccents", "Replace",
  ])
  func `Another normalizer is refused by name`(type: String) throws {
    for json in [#"{"type": "\#(type)"}"#, #"{"type": "Sequence", "normalizers": [{"type": "\#(type)"}]}"#] {
      let refusal = try RuleFolder.refusal {
        try RuleFolder.tokenizer(serialized: RuleFolder.serialized(normalizer: json))
      }
      #expect(refusal?.contains("normalizer type \(type) is not served") == true)
    }
  }

  @Test(arguments: ["BertJapaneseTokenizer", "RobertaTokenizer", "MPNetTokenizerFast", "MyTokenizer", ""])
  func `Another class is refused by name`(name: String) throws {
    let reason = "tokenizer_class \(name) is not served"
    let inConfig = try RuleFolder.refusal { try RuleFolder.tokenizer(config: config(name)) }
    #expect(inConfig?.hasPrefix("m/tokenizer_config.json: \(reason)") == true)
    let inModel = try RuleFolder.refusal { try RuleFolder.tokenizer(model: config(name)) }
    #expect(inModel?.hasPrefix("m/config.json: \(reason)") == true)
    // tokenizer_config.json has precedence.
    #expect(try RuleFolder.tokenizer(config: config("BertTokenizer"), model: config(name)).content("a") == [8])
  }

  @Test func `The general class needs a tokenizer file`() throws {
    let refusal = try RuleFolder.refusal { try RuleFolder.tokenizer(config: config("PreTrainedTokenizerFast")) }
    #expect(refusal == "m: no tokenizer.json, which tokenizer_class PreTrainedTokenizerFast needs")
  }

  @Test func `A post-processor other than BERT's is refused`() throws {
    let template = RuleFolder.template(first: "[CLS]", last: "[SEP]", extra: "[QRY]")
    for name in ["BertTokenizer", "PreTrainedTokenizerFast"] {
      let refusal = try RuleFolder.refusal {
        try RuleFolder.tokenizer(config: config(name), serialized: RuleFolder.serialized(postProcessor: template))
      }
      #expect(refusal?.contains(#"post_processor.single is the template "[CLS]:0 [QRY]:0 $A:0 [SEP]:0""#) == true)
    }
    let none = RuleFolder.serialized(postProcessor: "null")
    #expect(try RuleFolder.tokenizer(serialized: none).encode("a", maxTokens: 9).ids == [2, 8, 3])
    let refusal = try RuleFolder.refusal {
      try RuleFolder.tokenizer(config: config("PreTrainedTokenizerFast"), serialized: none)
    }
    #expect(refusal?.contains("post_processor is null") == true)
  }

  @Test func `Two vocabularies that disagree are refused by the first token`() throws {
    let swapped = RuleFolder.vocabulary.replacing("graph\nGraph\n", with: "Graph\ngraph\n")
    let refusal = try RuleFolder.refusal {
      try RuleFolder.tokenizer(serialized: RuleFolder.serialized(), vocabulary: swapped)
    }
    #expect(
      refusal
        == "m/vocab.txt: \"Graph\" is token 15 here and is token 16 in tokenizer.json; "
        + "remove the file that is not the model's"
    )
    let longer = try RuleFolder.refusal {
      try RuleFolder.tokenizer(serialized: RuleFolder.serialized(), vocabulary: RuleFolder.vocabulary + "more\n")
    }
    #expect(longer?.contains("\"more\" is token 28 here and is missing in tokenizer.json") == true)
  }
}
