import Checkpoint
import Service
import TestSupport
import Testing

/// Settings in a folder of experts that would otherwise be ignored.
@Suite struct ExpertRefusalTests {
  private static let variants = Fixtures.golden + "/variants/"

  /// A copy of a golden model.
  private static func copy(_ variant: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.copy(allOf: variants + variant, to: ".")
    return folder
  }

  private static func expectRefusal(
    _ folder: TemporaryFolder, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = try #require(throws: ModelError.self, sourceLocation: sourceLocation) {
      try ServedModel(path: folder.path)
    }
    for word in words { #expect(error.description.contains(word), "\(error)", sourceLocation: sourceLocation) }
  }

  @Test func anAdaptersFolderThatIsAModelItself() throws {
    let folder = try Self.copy("specter2")
    let source = Self.variants + "specter2"
    for name in ["config.json", "pytorch_model.bin"] {
      try folder.copy([name], from: source, to: "adapters/proximity")
    }
    try Self.expectRefusal(folder, "adapters/proximity/pytorch_model.bin", "beside an adapter")
  }

  @Test(arguments: ["specter2-published/adapters/specter2", "lora-several/adapters/find"])
  func anAdapterWithoutItsModel(adapter: String) throws {
    let folder = try Self.copy(adapter)
    try Self.expectRefusal(folder, "adapter_config.json", "without its model", "--expert TASK=\(folder.path)")
  }

  @Test func anEncoderWithSettingsOfItsOwn() throws {
    let folder = try Self.copy("encoders-medcpt")
    try folder.write("article-encoder/scimult.json", #"{"max_tokens": 9}"#)
    try Self.expectRefusal(folder, "article-encoder/scimult.json", "is not read of an expert")
  }

  @Test func settingsInTheBasesFolder() throws {
    let folder = try TemporaryFolder()
    try folder.copy(allOf: Self.variants + "vanilla", to: "base")
    try folder.write("base/scimult.json", #"{"max_tokens": 9}"#)
    try Self.expectRefusal(folder, "base/scimult.json", "is not read there")
  }

  @Test func controlCodesThatWouldBeCutOff() throws {
    let folder = try Self.copy("control-codes")
    try folder.replace(
      "\"added_tokens_decoder\"", by: "\"truncation_side\": \"left\", \"added_tokens_decoder\"",
      in: "tokenizer_config.json")
    try Self.expectRefusal(folder, "control_codes", "truncation_side")
    try folder.remove("tokenizer_config.json")
    try folder.copy(["tokenizer_config.json"], from: Self.variants + "control-codes")
    try folder.write("scimult.json", #"{"control_codes": true, "max_tokens": 2}"#)
    try Self.expectRefusal(folder, "control_codes", "2 tokens")
  }

  @Test func anInstructionOfATaskWithoutAnExpert() throws {
    let folder = try Self.copy("bottleneck-different")
    try folder.write(
      "scimult.json",
      #"{"experts": {"search": "ask"}, "instructions": {"search": {"query": "a"}, "classification": {"query": "b"}}}"#)
    try Self.expectRefusal(folder, "instructions for tasks without an expert", "search")
  }

  @Test func aTaskThatIsNamedTwice() throws {
    let folder = try Self.copy("vanilla")
    for key in ["instructions", "experts"] {
      let value = key == "experts" ? "null" : #"{"query": "a"}"#
      try folder.write(
        "scimult.json", #"{"\#(key)": {"link_prediction": \#(value), "link-prediction": \#(value)}}"#)
      try Self.expectRefusal(folder, "scimult.json", "link_prediction again")
    }
  }

  @Test(arguments: ["use_dora", "lora_bias"])
  func aConfigurationThatTheTensorsBelie(key: String) throws {
    let folder = try Self.copy("lora-query-value")
    try folder.replace("\"\(key)\": false", by: "\"\(key)\": true", in: "adapter_config.json")
    try Self.expectRefusal(folder, "adapter_config.json: \(key)", "the tensors")
  }

  @Test func aSwitchThatIsNull() throws {
    let folder = try Self.copy("bottleneck-alone")
    try folder.replace(
      "\"original_ln_after\": true", by: "\"original_ln_after\": null", in: "adapters/topics/adapter_config.json")
    try Self.expectRefusal(folder, "config.original_ln_after", "null")
  }

  @Test func aScalingThatMakesInfinities() throws {
    let folder = try Self.copy("bottleneck-alone")
    try folder.replace("\"scaling\": 1.0", by: "\"scaling\": 1e300", in: "adapters/topics/adapter_config.json")
    try Self.expectRefusal(folder, "config.scaling")
  }

  @Test func knownLimitsDoNotPassTheFiles() throws {
    let folder = try TemporaryFolder()
    for role in ["query", "candidate"] {
      try folder.copy(allOf: Self.variants + "encoders-one-limit/encoders/\(role)", to: "MedCPT-\(role)")
    }
    try folder.write("scimult.json", #"{"encoders": {"query": "MedCPT-query", "candidate": "MedCPT-candidate"}}"#)
    try folder.write("MedCPT-query/sentence_bert_config.json", #"{"max_seq_length": 8}"#)
    let model = try ServedModel(path: folder.path)
    #expect(model.blueprint.reading.maxTokens(.query) == 8)
  }
}
