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
    guard let misfit = head.firstMisfit(hiddenSize: hiddenSize) else { return }
    throw ModelError(
      file: denseFiles[misfit.layer].path, entry: "linear.weight",
      reason: "takes \(misfit.inputs) values; what comes before makes \(misfit.width)")
  }
}
