import Checkpoint
import TestSupport

/// A model folder with the files of a test. The weights are a placeholder that no test reads here.
struct ModelFolderBuilder {
  let temporary: TemporaryFolder

  init() throws {
    temporary = try TemporaryFolder()
    try temporary.write("model.safetensors", "{}")
    try write("config.json", Self.configuration)
  }

  /// The keys and values of a supported configuration.
  static let configuration: [String: String] = [
    "model_type": "\"bert\"", "hidden_size": "64", "num_hidden_layers": "4", "num_attention_heads": "4",
    "intermediate_size": "256", "vocab_size": "100", "max_position_embeddings": "128", "hidden_act": "\"gelu\"",
    "layer_norm_eps": "1e-5",
  ]

  func folder() throws -> ModelFolder { try ModelFolder(path: temporary.path) }

  func path(_ name: String) -> String { temporary.file(name) }

  func write(_ name: String, _ text: String) throws {
    try temporary.write(name, text)
  }

  /// Writes an object with values in JSON, by key.
  func write(_ name: String, _ object: [String: String]) throws {
    let members = object.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    try write(name, "{" + members.joined(separator: ", ") + "}")
  }
}
