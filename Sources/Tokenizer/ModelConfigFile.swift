import JSON

/// Reads the model's `config.json`, which may name the tokenizer's class.
enum ModelConfigFile {
  static let name = "config.json"

  static func tokenizerClass(of file: FolderFile) throws(TokenizerError) -> String? {
    try file.text("tokenizer_class", of: try file.object())
  }
}
