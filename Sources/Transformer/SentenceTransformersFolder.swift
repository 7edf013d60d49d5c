import Checkpoint

/// What sentence-transformers adds to a folder: modules, prompts, and the longest text.
struct SentenceTransformersFolder {
  /// The folder of the encoder, its vocabulary and its settings.
  let encoder: ModelFolder
  /// nil if the folder specifies no pooling.
  let head: Head?
  /// The weights of the head's dense layers, in their order.
  let denseFiles: [WeightsFile]
  let prompts: [EncodingRole: String]
  let similarity: Similarity?
  let lowercases: Bool
  /// The names of all prompts that are not empty, sorted.
  let promptNames: [String]
  /// The names of prompts that no role uses.
  let unreadPrompts: [String]
  /// The first parts of the modules' paths.
  let modulePaths: Set<String>
  /// The longest text in tokens, including [CLS] and [SEP].
  private let maxSequenceLength: Int?
  private let tokenizerMaxLength: Int?

  /// Reads modules.json and the files that it names, config_sentence_transformers.json and sentence_bert_config.json,
  /// if they exist.
  /// - Parameter similarity: a similarity that replaces the folder's; nil for the folder's own.
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

  /// The longest sequence: `max_seq_length`, otherwise the tokenizer's `model_max_length`, and never more than there
  /// are positions.
  func maxTokens(positions: Int) -> Int {
    min(maxSequenceLength ?? tokenizerMaxLength ?? positions, positions)
  }

  /// `model_max_length` of tokenizer_config.json, or `max_len` in files from before 2020. nil if there is none, or no
  /// text reaches it: transformers writes 1e30 for no limit.
  private static func tokenizerMaxLength(_ folder: ModelFolder) throws(ModelError) -> Int? {
    guard let file = try folder.json("tokenizer_config.json"),
      let key = ["model_max_length", "max_len"].first(where: { file.value($0) != nil }),
      let limit = try file.double(key, in: 2...1e300), limit < Double(Int32.max)
    else { return nil }
    guard let whole = Int(exactly: limit) else { throw file.refusal(key, "\(limit) is not a whole number") }
    return whole
  }

  /// Refuses a head whose layers do not fit each other.
  func check(_ head: Head, hiddenSize: Int) throws(ModelError) {
    guard let misfit = head.firstMisfit(hiddenSize: hiddenSize) else { return }
    throw ModelError(
      file: denseFiles[misfit.layer].path, entry: "linear.weight",
      reason: "takes \(misfit.inputs) values; what comes before makes \(misfit.width)")
  }
}
