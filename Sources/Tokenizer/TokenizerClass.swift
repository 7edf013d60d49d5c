/// The supported classes of transformers, by how they read a folder.
enum TokenizerClass {
  /// BERT's own class: `tokenizer_config.json` sets up the normaliser, whatever `tokenizer.json` says.
  case bert(hasTokenTypes: Bool)
  /// Any tokenizer that `tokenizer.json` describes: `tokenizer_config.json` does not affect its normaliser.
  case serialized

  /// The class if no file names one.
  static let unnamed = TokenizerClass.bert(hasTokenTypes: true)

  /// - Parameters:
  ///   - name: the class's name in the file.
  ///   - file: the file that names it.
  init(_ name: String, in file: FolderFile) throws(TokenizerError) {
    switch name {
    case "BertTokenizer", "BertTokenizerFast", "ElectraTokenizer", "ElectraTokenizerFast":
      self = .bert(hasTokenTypes: true)
    case "DistilBertTokenizer", "DistilBertTokenizerFast": self = .bert(hasTokenTypes: false)
    case "PreTrainedTokenizerFast", "TokenizersBackend": self = .serialized
    default:
      throw file.error(
        "tokenizer_class \(name) is not served; BertTokenizer, DistilBertTokenizer, ElectraTokenizer and "
          + "PreTrainedTokenizerFast are")
    }
  }
}
