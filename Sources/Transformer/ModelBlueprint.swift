import Checkpoint
import Tensor

/// Everything known about a model before its weights are read: from the folder's small files and the index of its
/// weights.
public struct ModelBlueprint: Sendable {
  /// The kind of model, with the names of the public contract.
  public enum Architecture: String, Sendable {
    case vanilla, expert, instruction
  }

  /// The location of the weights.
  enum Storage: Sendable {
    /// The dense layers of a head have their own files.
    case checkpoint([CheckpointEncoder], dense: [WeightsFile])
    case converted(ConvertedFile, ConvertedModel)
  }

  /// The folder's name, or its name when it was converted.
  public let name: String
  public let configuration: Configuration
  /// The parts that each encoder has per expert; one or more encoders.
  public let layouts: [ExpertLayout]
  /// The assignment of experts to tasks and roles.
  public let routing: ExpertRouting
  public let reading: Reading
  public let head: Head
  /// How embeddings are compared.
  public let similarity: Similarity
  /// The parts of the model's folder that serving does not read.
  public let unread: UnreadParts
  /// The folder with the vocabulary and its settings; nil for a converted file, which contains them.
  public let tokenizerFolder: ModelFolder?
  /// The folders of further encoders, whose vocabularies must be the same.
  public let otherTokenizerFolders: [ModelFolder]
  let storage: Storage

  /// Reads a converted file's description of its model.
  /// - Throws: `ModelError` for a file that cannot be served.
  public init(converted file: ConvertedFile) throws(ModelError) {
    let model = try ConvertedModel(file)
    name = model.name
    configuration = model.configuration
    layouts = model.layouts
    routing = model.routing
    reading = model.reading
    head = model.head
    similarity = model.similarity
    unread = .none
    tokenizerFolder = nil
    otherTokenizerFolders = []
    storage = .converted(file, model)
  }

  /// The path, kind and size of the weights' file.
  public var weights: (path: String, format: String, byteCount: Int) {
    switch storage {
    case .checkpoint(let encoders, _):
      (
        encoders[0].file.path, String(describing: encoders[0].file.format),
        Dictionary(grouping: encoders.map(\.file), by: \.path).values.reduce(0) { $0 + $1[0].byteCount }
      )
    case .converted(let file, let model):
      (file.path, "converted, \(model.precision.rawValue), for \(model.instructionSet.rawValue)", file.byteCount)
    }
  }

  /// A sentence if a converted file's weights must be packed again for this CPU; otherwise nil.
  public var repacking: String? {
    guard case .converted(let file, let model) = storage, let current = try? InstructionSet.current.get(),
      !model.instructionSet.hasLayout(of: current)
    else { return nil }
    return "\(file.path) is laid out for \(model.instructionSet.rawValue) and was packed again for "
      + "\(current.rawValue): convert the model on this kind of machine to start faster"
  }

  /// The precision in which to load the weights.
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
    if reading.instructions != nil { return .instruction }
    return layouts.contains { $0.experts > 1 } || routing.tellsTasksApart ? .expert : .vanilla
  }

  /// The tasks that the model serves.
  public var tasks: [EncodingTask] { routing.tasks }

  /// The expert for each task and role; none if the model has no experts.
  public var experts: [(task: EncodingTask, role: EncodingRole, name: String)] {
    tasks.flatMap { task in
      EncodingRole.allCases.compactMap { role in routing.name(of: task, role).map { (task, role, $0) } }
    }
  }

  /// The number of values in an embedding.
  public var dimensions: Int { head.dimensions(hiddenSize: configuration.hiddenSize) }

  /// The longest sequence, in tokens, including [CLS] and [SEP].
  public var maxTokens: Int { reading.maxTokens }

  /// The shape of an encoder, by its position.
  func shape(ofEncoder index: Int) -> EncoderShape {
    EncoderShape(
      configuration: configuration, layout: layouts[index],
      positionRows: configuration.maxPositions * (reading.paperForm == .pair ? 2 : 1),
      readsFirstRowsOnly: head.readsFirstRowsOnly)
  }
}
