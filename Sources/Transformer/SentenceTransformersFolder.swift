import Checkpoint

/// What sentence-transformers adds to a folder: modules, prompts, and how long a text may be.
struct SentenceTransformersFolder {
  /// Where the encoder, its vocabulary and its settings are.
  let encoder: ModelFolder
  /// nil where the folder names no pooling.
  let head: Head?
  /// The weights of the head's dense layers, in their order.
  let denseFiles: [WeightsFile]
  let prompts: [EncodingRole: String]
  let similarity: Similarity?
  let lowercases: Bool
  /// Names of all prompts that hold words, sorted.
  let promptNames: [String]
  /// Those that no role takes.
  let unreadPrompts: [String]
  /// First parts of the modules' paths.
  let modulePaths: Set<String>
  /// Tokens, [CLS] and [SEP] included.
  private let maxSequenceLength: Int?
  private let tokenizerMaxLength: Int?

  /// Reads modules.json and what it names, config_sentence_transformers.json and sentence_bert_config.json, where they are.
  /// - Parameter similarity: that counts, whatever the folder says; nil for the folder's.
  init(folder: ModelFolder, similarity: Similarity? = nil) throws(ModelError) {
    let settings = try SentenceTransformersSettings(folder: folder, similarity: similarity)
    let modules = try SentenceTransformersModules(folder: folder)
    encoder = modules.encoder
    prompts = settings.prompts
    self.similarity = settings.similarity
    head = modules.pooling.map { pooling in
      Head(
        pooling: pooling, steps: modules.steps, truncatedDimensions: settings.truncatedDimensions,
        poolsPrompt: modules.poolsPrompt)
    }
    denseFiles = modules.denseFiles
    modulePaths = modules.paths
    promptNames = settings.promptNames
    unreadPrompts = settings.unreadPrompts
    let transformer = try TransformerSettings(folder: encoder)
    lowercases = transformer.lowercases
    maxSequenceLength = transformer.maxSequenceLength
    tokenizerMaxLength = try Self.tokenizerMaxLength(encoder)
  }

  /// The longest sequence: `max_seq_length`, else the tokenizer's `model_max_length`, and no more than there are positions.
  func maxTokens(positions: Int) -> Int {
    min(maxSequenceLength ?? tokenizerMaxLength ?? positions, positions)
  }

  /// `model_max_length` of tokenizer_config.json, which files from before 2020 call `max_len`; nil where there is none, or
  /// one that no text reaches: transformers writes 1e30 where there is no limit.
  private static func tokenizerMaxLength(_ folder: ModelFolder) throws(ModelError) -> Int? {
    guard let file = try folder.json("tokenizer_config.json"),
      let key = ["model_max_length", "max_len"].first(where: { file.value($0) != nil }),
      let limit = try file.double(key, in: 2...1e300), limit < Double(Int32.max)
    else { return nil }
    guard let whole = Int(exactly: limit) else { throw file.refusal(key, "\(limit) is not a whole number") }
    return whole
  }

  /// Refuses a head whose layers do not fit on each other.
  func check(_ head: Head, hiddenSize: Int) throws(ModelError) {
    var width = head.pooling.methods.count * hiddenSize
    for (shape, file) in zip(head.denseShapes, denseFiles) {
      guard shape.inputs == width else {
        throw ModelError(
          file: file.path, entry: "linear.weight",
          reason: "takes \(shape.inputs) values; what comes before makes \(width)")
      }
      width = shape.outputs
    }
  }
}

/// config_sentence_transformers.json.
private struct SentenceTransformersSettings {
  var prompts: [EncodingRole: String] = [:]
  var similarity: Similarity?
  var truncatedDimensions: Int?
  var promptNames: [String] = []
  var unreadPrompts: [String] = []

  /// Names that sentence-transformers gives every model, with an empty prompt where the file has none.
  private static let namesOfEveryModel: Set<String> = ["query", "document"]

  /// - Parameter similarity: that counts, whatever the file says; nil for the file's.
  init(folder: ModelFolder, similarity given: Similarity?) throws(ModelError) {
    similarity = given
    guard let file = try folder.json("config_sentence_transformers.json") else { return }
    let type = try file.string("model_type") ?? "SentenceTransformer"
    guard type == "SentenceTransformer" else {
      throw file.refusal(
        "model_type", "\"\(type)\" is not served; SentenceTransformer, which makes one vector a text, is")
    }
    truncatedDimensions = try file.int("truncate_dim", in: 1...DenseShape.largest)
    if given == nil, let name = try file.string("similarity_fn_name") {
      guard let known = Similarity(rawValue: name == "dot_score" ? "dot" : name) else {
        throw file.refusal(
          "similarity_fn_name",
          "\"\(name)\" is not served; cosine and dot are (scimult.json: {\"similarity\": \"dot\"} chooses one)")
      }
      similarity = known
    }
    try readPrompts(file)
  }

  /// Names of a role's prompt, the first of which counts.
  private static let namesByRole: [EncodingRole: [String]] = [
    .query: ["query"], .candidate: ["document", "passage", "corpus"],
  ]

  /// Takes the first of a role's prompts that is there, be it empty or not, as `encode_query` and `encode_document` do.
  ///
  /// `default_prompt_name` stands in for a prompt that is not there, as in `encode`. sentence-transformers saves an empty prompt
  /// for each role that it was given none for, so it stands in for an empty one too, unless it has the other role's name.
  private mutating func readPrompts(_ file: ModelSettings) throws(ModelError) {
    let given = try file.object("prompts")
    var read: Set<String> = []
    for (role, names) in Self.namesByRole {
      guard let given, let name = names.first(where: given.contains) else { continue }
      read.insert(name)
      prompts[role] = try given.string(name) ?? ""
    }
    if let name = try file.string("default_prompt_name") {
      let isGiven = given?.contains(name) == true
      guard isGiven || Self.namesOfEveryModel.contains(name) else {
        throw file.refusal("default_prompt_name", "\"\(name)\" is none of the prompts")
      }
      let owners = Self.namesByRole.filter { $0.value.contains(name) }.map(\.key)
      for role in EncodingRole.allCases where isGiven {
        let standsIn = prompts[role].map { $0.isEmpty && (owners.isEmpty || owners.contains(role)) } ?? true
        guard standsIn else { continue }
        read.insert(name)
        prompts[role] = try given?.string(name) ?? ""
      }
    }
    for name in Set(given?.keys ?? []).sorted() where try given?.string(name) ?? "" != "" { promptNames.append(name) }
    unreadPrompts = promptNames.filter { !read.contains($0) }
  }
}

/// sentence_bert_config.json, or an older name of it, in the folder of the encoder.
private struct TransformerSettings {
  var lowercases = false
  var maxSequenceLength: Int?

  /// The first of its names that holds anything, as sentence-transformers looks for it.
  private static func file(in folder: ModelFolder) throws(ModelError) -> ModelSettings? {
    for name in FolderKeys.transformerSettings {
      if let file = try folder.json(name), !file.keys.isEmpty { return file }
    }
    return nil
  }

  init(folder: ModelFolder) throws(ModelError) {
    guard let file = try Self.file(in: folder) else { return }
    maxSequenceLength = try file.int("max_seq_length", in: 2...Int(Int32.max))
    lowercases = try file.bool("do_lower_case", takesNumbers: true) ?? false
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
    // Arguments that sentence-transformers hands on to transformers, under their names of today and before.
    for key in [
      "model_args", "model_kwargs", "tokenizer_args", "processor_kwargs", "config_args", "config_kwargs",
      "processing_kwargs", "query_expansion", "tokenizer_name_or_path",
    ] {
      let isEmpty = file.value(key).map { $0.object?.members.isEmpty ?? false } ?? true
      guard isEmpty else { throw file.refusal(key, "is not served; leave it out or empty") }
    }
    for key in ["query_length", "document_length"] where file.value(key) != nil {
      throw file.refusal(key, "is not served: it is of models that make a vector a token")
    }
  }
}
