import Checkpoint

/// sentence_bert_config.json, or the file under an older name, in the encoder's folder: how sentence-transformers calls
/// the encoder.
struct TransformerSettings {
  private(set) var lowercases = false
  /// The longest text in tokens, including [CLS] and [SEP].
  private(set) var maxSequenceLength: Int?

  /// The names in the order in which sentence-transformers looks for them. The older names once depended on the kind of
  /// encoder, and are now read for any.
  static let fileNames = [
    "sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json",
    "sentence_camembert_config.json", "sentence_albert_config.json", "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
  ]

  init(folder: ModelFolder) throws(ModelError) {
    guard let file = try Self.file(in: folder) else { return }
    maxSequenceLength = try file.int("max_seq_length", in: 2...Int(Int32.max))
    lowercases = try file.bool("do_lower_case", takesNumbers: true) ?? false
    try Self.refuseOtherOutputs(file)
    try Self.refuseArguments(file)
  }

  /// Refuses vectors other than the last layer's hidden states.
  private static func refuseOtherOutputs(_ file: ModelSettings) throws(ModelError) {
    let task = try file.string("transformer_task") ?? "feature-extraction"
    guard task == "feature-extraction" else {
      throw file.refusal("transformer_task", "\"\(task)\" is not served; feature-extraction is")
    }
    let output = try file.string("module_output_name") ?? "token_embeddings"
    guard output == "token_embeddings" else {
      throw file.refusal("module_output_name", "\"\(output)\" is not served; token_embeddings is")
    }
    if let text = try file.object("modality_config")?.object("text") {
      let state = try text.string("method_output_name") ?? "last_hidden_state"
      guard state == "last_hidden_state", try text.string("method") ?? "forward" == "forward" else {
        throw text.refusal("method_output_name", "\"\(state)\" is not served; forward's last_hidden_state is")
      }
    }
    for key in ["query_length", "document_length"] where file.value(key) != nil {
      throw file.refusal(key, "is not served: it is of models that make a vector a token")
    }
  }

  /// Refuses arguments that sentence-transformers passes on to transformers, under their current and former names.
  private static func refuseArguments(_ file: ModelSettings) throws(ModelError) {
    for key in [
      "model_args", "model_kwargs", "tokenizer_args", "processor_kwargs", "config_args", "config_kwargs",
      "processing_kwargs", "query_expansion", "tokenizer_name_or_path",
    ] {
      let isEmpty = file.value(key).map { $0.object?.members.isEmpty ?? false } ?? true
      guard isEmpty else { throw file.refusal(key, "is not served; leave it out or empty") }
    }
  }

  /// The first file with one of the names that is not empty, as sentence-transformers looks for it.
  private static func file(in folder: ModelFolder) throws(ModelError) -> ModelSettings? {
    for name in fileNames {
      if let file = try folder.json(name), !file.keys.isEmpty { return file }
    }
    return nil
  }
}
