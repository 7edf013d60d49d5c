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
    /// A head's dense layers have files of their own.
    case checkpoint([CheckpointEncoder], dense: [WeightsFile])
    case converted(ConvertedFile, ConvertedModel)
  }

  /// The folder's name, or the one that it had when it was converted.
  public let name: String
  public let configuration: Configuration
  /// What each encoder keeps once per expert; one or more.
  public let layouts: [ExpertLayout]
  /// Which expert serves what.
  public let routing: ExpertRouting
  public let reading: Reading
  public let head: Head
  /// How embeddings are compared.
  public let similarity: Similarity
  /// What the model's folder holds that serving does not read.
  public let unread: UnreadParts
  /// Where the vocabulary and its settings are; nil in a converted file, which has them inside.
  public let tokenizerFolder: ModelFolder?
  /// Where further encoders of the model are, whose vocabularies must be the same.
  public let otherTokenizerFolders: [ModelFolder]
  let storage: Storage

  /// Reads what a converted file says of its model.
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
    if reading.instructions != nil { return .instruction }
    return layouts.contains { $0.experts > 1 } || routing.tellsTasksApart ? .expert : .vanilla
  }

  /// The tasks that the model can embed for.
  public var tasks: [EncodingTask] { routing.tasks }

  /// Which expert serves what: for each task and role; none where the model has no experts.
  public var experts: [(task: EncodingTask, role: EncodingRole, name: String)] {
    tasks.flatMap { task in
      EncodingRole.allCases.compactMap { role in routing.name(of: task, role).map { (task, role, $0) } }
    }
  }

  /// Values of an embedding.
  public var dimensions: Int { head.dimensions(hiddenSize: configuration.hiddenSize) }

  /// The longest sequence that is served, in tokens, [CLS] and [SEP] included.
  public var maxTokens: Int { reading.maxTokens }

  /// The shape of an encoder, by its place.
  func shape(ofEncoder index: Int) -> EncoderShape {
    EncoderShape(
      configuration: configuration, layout: layouts[index],
      positionRows: configuration.maxPositions * (reading.paperForm == .pair ? 2 : 1),
      readsFirstRowsOnly: head.readsFirstRowsOnly)
  }
}
