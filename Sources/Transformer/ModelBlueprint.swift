import Checkpoint

/// All that is known of a model before its weights are read: from the folder's small files and the index of its
/// weights file.
public struct ModelBlueprint: Sendable {
  /// The kind of model, as the public contract names it.
  public enum Architecture: String, Sendable {
    case vanilla, expert, instruction
  }

  public let folder: ModelFolder
  public let weights: WeightsFile
  public let configuration: Configuration
  public let layout: ExpertLayout
  public let pooling: Pooling
  public let instructions: Instructions?
  /// The longest sequence that is served, in tokens, [CLS] and [SEP] included.
  public let maxTokens: Int
  /// What the names of the tensors start with, for the encoder of queries.
  let queryPrefix: String
  /// The same for the encoder of candidates; nil where one encoder serves both.
  let candidatePrefix: String?

  private static let defaultMaxTokens = 512

  /// Reads a model folder, weights aside.
  /// - Throws: ``ModelError``: one line with the file, the entry and the reason why the model cannot be served.
  public init(folder: ModelFolder) throws(ModelError) {
    self.folder = folder
    configuration = try Configuration(folder: folder)
    instructions = try Instructions(folder: folder)
    weights = try WeightsFile(path: folder.weightsPath)
    if let values = weights.encoderParameters {
      let parameters = EncoderParameters(file: weights.path, values: values)
      try parameters.refuseGatesAndProjections(tensorNames: weights.tensors.keys)
      layout = try ExpertLayout(parameters: parameters, layers: configuration.layers)
      pooling = try parameters.bool("mean_pool") ?? false ? Pooling(method: .mean, normalize: true) : .cls
      maxTokens = min(Self.defaultMaxTokens, configuration.maxPositions)
      queryPrefix = "question_model.encoder."
      candidatePrefix = try parameters.bool("shared_encoder") ?? true ? nil : "ctx_model.encoder."
    } else {
      let files = try SentenceTransformersFiles(folder: folder)
      layout = .vanilla
      pooling = files.pooling ?? .cls
      maxTokens = min(files.maxTokens ?? Self.defaultMaxTokens, configuration.maxPositions)
      let hasHeads = weights.tensors["bert.embeddings.word_embeddings.weight"] != nil
      queryPrefix = hasHeads ? "bert." : ""
      candidatePrefix = nil
    }
  }

  public var architecture: Architecture {
    if instructions != nil { return .instruction }
    return layout.experts > 1 ? .expert : .vanilla
  }

  /// The tasks that the model can embed for.
  public var tasks: [EncodingTask] { instructions?.tasks ?? EncodingTask.allCases }

  /// Values of an embedding.
  public var dimensions: Int { configuration.hiddenSize }

  /// Whether queries and candidates have an encoder each.
  public var hasSeparateEncoders: Bool { candidatePrefix != nil }

  /// What the dot product of two embeddings is.
  public var similarity: String { pooling.normalize ? "cosine" : "dot" }
}
