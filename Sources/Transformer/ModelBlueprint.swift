import Checkpoint
import Tensor

/// All that is known of a model before its weights are read: from the folder's small files and the index of its
/// weights file.
public struct ModelBlueprint: Sendable {
  /// The kind of model, as the public contract names it.
  public enum Architecture: String, Sendable {
    case vanilla, expert, instruction
  }

  /// Where the weights are.
  enum Storage: Sendable {
    /// The names of the tensors start with a prefix of their encoder.
    case checkpoint(WeightsFile, prefixes: [EncodingRole: String])
    case converted(ConvertedFile, ConvertedModel)
  }

  /// The folder's name, or the one that it had when it was converted.
  public let name: String
  public let configuration: Configuration
  public let layout: ExpertLayout
  public let pooling: Pooling
  public let instructions: Instructions?
  /// The longest sequence that is served, in tokens, [CLS] and [SEP] included.
  public let maxTokens: Int
  /// Whether queries and candidates have an encoder each.
  public let hasSeparateEncoders: Bool
  let storage: Storage

  private static let defaultMaxTokens = 512

  /// Reads a model folder, weights aside.
  /// - Throws: `ModelError`: one line with the file, the entry and the reason why the model cannot be served.
  public init(folder: ModelFolder) throws(ModelError) {
    name = folder.name
    configuration = try Configuration(folder: folder)
    instructions = try Instructions(folder: folder)
    let weights = try folder.openWeights()
    if let values = weights.encoderParameters {
      let parameters = EncoderParameters(file: weights.path, values: values)
      try parameters.refuseGatesAndProjections(tensorNames: weights.tensors.keys)
      layout = try ExpertLayout(parameters: parameters, layers: configuration.layers)
      pooling = try parameters.bool("mean_pool") ?? false ? Pooling(method: .mean, normalize: true) : .cls
      maxTokens = min(Self.defaultMaxTokens, configuration.maxPositions)
      hasSeparateEncoders = try !(parameters.bool("shared_encoder") ?? true)
      storage = .checkpoint(
        weights, prefixes: [.query: "question_model.encoder.", .candidate: "ctx_model.encoder."])
    } else {
      let files = try SentenceTransformersFiles(folder: folder)
      layout = .vanilla
      pooling = files.pooling ?? .cls
      maxTokens = min(files.maxTokens ?? Self.defaultMaxTokens, configuration.maxPositions)
      let hasHeads = weights.tensors["bert.embeddings.word_embeddings.weight"] != nil
      hasSeparateEncoders = false
      storage = .checkpoint(weights, prefixes: [.query: hasHeads ? "bert." : ""])
    }
  }

  /// Reads what a converted file says of its model.
  /// - Throws: `ModelError` for a file that cannot be served.
  public init(converted file: ConvertedFile) throws(ModelError) {
    let model = try ConvertedModel(file)
    name = model.name
    configuration = model.configuration
    layout = model.layout
    pooling = model.pooling
    instructions = model.instructions
    maxTokens = model.maxTokens
    hasSeparateEncoders = model.hasSeparateEncoders
    storage = .converted(file, model)
  }

  /// The path, kind and size of the weights' file.
  public var weights: (path: String, format: String, byteCount: Int) {
    switch storage {
    case .checkpoint(let file, _): (file.path, String(describing: file.format), file.byteCount)
    case .converted(let file, let model):
      (file.path, "converted, \(model.precision.rawValue), for \(model.instructionSet.rawValue)", file.byteCount)
    }
  }

  /// A sentence where a converted file's weights have to be packed again for this CPU; else nil.
  public var repacking: String? {
    guard case .converted(let file, let model) = storage, let current = try? InstructionSet.current.get(),
      !model.instructionSet.hasLayout(of: current)
    else { return nil }
    return "\(file.path) is laid out for \(model.instructionSet.rawValue) and was packed again for "
      + "\(current.rawValue): convert the model on this kind of machine to start faster"
  }

  /// The precision to load the weights in.
  func precision(requested: EncoderPrecision?) throws(ModelError) -> EncoderPrecision {
    guard case .converted(let file, let model) = storage else { return requested ?? .int8 }
    guard requested == nil || requested == model.precision else {
      throw ModelError(
        file: file.path,
        reason: "holds \(model.precision.rawValue) weights: leave --precision out, or convert the model again")
    }
    guard model.precision.isAvailable else {
      throw ModelError(
        file: file.path,
        reason: "holds \(model.precision.rawValue) weights, and the CPU, or the chosen kernels, have no such "
          + "instructions: convert the model again with --precision int8")
    }
    return model.precision
  }

  public var architecture: Architecture {
    if instructions != nil { return .instruction }
    return layout.experts > 1 ? .expert : .vanilla
  }

  /// The tasks that the model can embed for.
  public var tasks: [EncodingTask] { instructions?.tasks ?? EncodingTask.allCases }

  /// Values of an embedding.
  public var dimensions: Int { configuration.hiddenSize }

  /// What the dot product of two embeddings is.
  public var similarity: String { pooling.normalize ? "cosine" : "dot" }
}
