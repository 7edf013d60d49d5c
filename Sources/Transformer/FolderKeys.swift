/// Names of a model folder's own files that are read, each by the part of the server that its keys are honoured in.
enum FolderKeys {
  private static let read: Set<String> = [
    Configuration.fileName, SciMultFile.name, SentenceTransformersModules.fileName,
    "config_sentence_transformers.json", "sentence_bert_config.json", "sentence_distilbert_config.json", "vocab.txt",
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "1_Pooling",
  ]

  static func isRead(_ name: String) -> Bool { read.contains(name) }

  static func isWeights(_ name: String) -> Bool {
    [".ckpt", ".safetensors", ".bin", ".safetensors.index.json", ".bin.index.json"].contains(where: name.hasSuffix)
  }
}
