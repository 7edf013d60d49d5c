/// Names of a model folder's own files that are read, each by the part of the server that its keys are honoured in.
enum FolderKeys {
  private static let read: Set<String> = [
    Configuration.fileName, SciMultFile.name, SentenceTransformersModules.fileName,
    "config_sentence_transformers.json", "vocab.txt", "tokenizer.json", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "1_Pooling",
  ]

  /// Names of sentence-transformers' settings of the encoder, in the order in which it looks for them. The older ones were
  /// chosen by the kind of encoder then, and are read for any now.
  static let transformerSettings = [
    "sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json",
    "sentence_camembert_config.json", "sentence_albert_config.json", "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
  ]

  static func isRead(_ name: String) -> Bool { read.contains(name) || transformerSettings.contains(name) }

  static func isWeights(_ name: String) -> Bool {
    [".ckpt", ".safetensors", ".bin", ".safetensors.index.json", ".bin.index.json"].contains(where: name.hasSuffix)
  }
}
