import Checkpoint
import Testing

@testable import Transformer

/// config.json: values that are read, and values that are refused.
@Suite struct ConfigurationTests {
  /// Reads the supported configuration with some keys changed; nil removes a key.
  private static func read(_ changes: [String: String?]) throws -> Configuration {
    let builder = try ModelFolderBuilder()
    var object = ModelFolderBuilder.configuration
    for (key, value) in changes { object[key] = value }
    try builder.write("config.json", object)
    return try Configuration(folder: builder.folder())
  }

  private static func refusal(_ changes: [String: String?]) throws -> ModelError {
    try #require(throws: ModelError.self) { try read(changes) }
  }

  @Test func readsTheShape() throws {
    let configuration = try Self.read([:])
    #expect(configuration.hiddenSize == 64 && configuration.layers == 4 && configuration.heads == 4)
    #expect(configuration.headSize == 16)
    #expect(configuration.feedForwardSize == 256 && configuration.vocabularySize == 100)
    #expect(configuration.maxPositions == 128)
    #expect(configuration.layerNormEpsilon == 1e-5)
  }

  @Test func absentKeysAreThoseOfBERT() throws {
    let configuration = try Self.read([
      "model_type": nil, "max_position_embeddings": nil, "hidden_act": nil, "layer_norm_eps": nil,
    ])
    #expect(configuration.maxPositions == 512)
    #expect(configuration.layerNormEpsilon == 1e-12)
  }

  @Test func otherKeysAreIgnored() throws {
    _ = try Self.read(["architectures": "[\"BertModel\"]", "torch_dtype": "\"float32\"", "is_decoder": "false"])
  }

  @Test(arguments: ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size"])
  func aSizeMustBeGivenAndPositive(key: String) throws {
    #expect(try Self.refusal([key: nil]).entry == key)
    for bad in ["0", "-1", "1000000000000"] {
      let error = try Self.refusal([key: bad])
      #expect(error.entry == key && error.reason.contains(bad))
    }
    for bad in ["\"64\"", "[64]", "6.5", "1e30"] {
      _ = try Self.refusal([key: bad])
    }
  }

  @Test(
    arguments: [
      ("model_type", "\"roberta\"", "roberta"), ("hidden_act", "\"mish\"", "mish"),
      ("hidden_act", "\"quick_gelu\"", "quick_gelu"), ("hidden_size", "1e30", "1e30"), ("hidden_size", "6.5", "6.5"),
      ("layer_norm_eps", "NaN", "NaN"), ("quantization_config", "{\"bits\": 4}", "quantised"),
      ("auto_map", "{\"AutoModel\": \"a.B\"}", "AutoModel"), ("pruned_heads", "{\"0\": [1]}", "fewer heads"),
      ("add_cross_attention", "true", "true"),
      ("position_embedding_type", "\"relative_key\"", "relative_key"),
      ("is_decoder", "true", "true"), ("num_attention_heads", "3", "3"), ("max_position_embeddings", "1", "1"),
      ("max_position_embeddings", "0", "0"), ("layer_norm_eps", "-1", "-1"), ("layer_norm_eps", "1", "1"),
    ])
  func whatCannotBeServedIsNamed(key: String, value: String, shown: String) throws {
    let error = try Self.refusal([key: value])
    #expect(error.entry == key)
    #expect(error.reason.contains(shown))
    #expect(error.file.hasSuffix("/config.json"))
  }

  @Test(arguments: [
    ("gelu", Activation.gelu), ("gelu_python", .gelu), ("gelu_new", .geluByTanh), ("gelu_fast", .geluByTanh),
    ("gelu_pytorch_tanh", .geluByTanh), ("relu", .relu),
  ])
  func theActivationIsTold(name: String, activation: Activation) throws {
    #expect(try Self.read(["hidden_act": "\"\(name)\""]).activation == activation)
  }

  @Test func distilBERTHasNamesOfItsOwn() throws {
    let builder = try ModelFolderBuilder()
    try builder.write(
      "config.json",
      [
        "model_type": "\"distilbert\"", "dim": "64", "n_layers": "4", "n_heads": "4", "hidden_dim": "256",
        "vocab_size": "100", "activation": "\"relu\"",
      ])
    let configuration = try Configuration(folder: builder.folder())
    #expect(configuration.family == .distilBERT && configuration.tokenTypes == 0)
    #expect(configuration.hiddenSize == 64 && configuration.feedForwardSize == 256)
    #expect(configuration.activation == .relu)
  }

  @Test(arguments: ["", "{", "[]", "null", "{\"hidden_size\": }", "hidden_size: 64"])
  func anythingButAJSONObjectIsRefused(text: String) throws {
    let builder = try ModelFolderBuilder()
    try builder.write("config.json", text)
    let folder = try builder.folder()
    let error = try #require(throws: ModelError.self) { try Configuration(folder: folder) }
    #expect(error.file == builder.path("config.json"))
  }
}
