/// The classes of transformers that are served, by how they read a folder.
enum TokenizerClass {
  /// BERT's own: `tokenizer_config.json` sets up the normaliser, whatever `tokenizer.json` says.
  case bert(hasTokenTypes: Bool)
  /// Any tokenizer that `tokenizer.json` describes: `tokenizer_config.json` does not touch its normaliser.
  case serialized

  /// - Parameters:
  ///   - name: as a file has it; nil is BERT's.
  ///   - file: which has it.
  init(_ name: String?, in file: FolderFile?) throws(TokenizerError) {
    switch name {
    case nil, "BertTokenizer", "BertTokenizerFast", "ElectraTokenizer", "ElectraTokenizerFast":
      self = .bert(hasTokenTypes: true)
    case "DistilBertTokenizer", "DistilBertTokenizerFast": self = .bert(hasTokenTypes: false)
    case "PreTrainedTokenizerFast", "TokenizersBackend": self = .serialized
    case let name?:
      throw TokenizerError(
        file: file?.path ?? "",
        reason: "tokenizer_class \(name) is not served; BertTokenizer, DistilBertTokenizer, ElectraTokenizer and "
          + "PreTrainedTokenizerFast are")
    }
  }
}
