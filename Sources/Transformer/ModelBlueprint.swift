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
    /// The names of the tensors start with a prefix of their encoder; a head's dense layers have files of their own.
    case checkpoint(WeightsFile, prefixes: [EncodingRole: String], dense: [WeightsFile])
    case converted(ConvertedFile, ConvertedModel)
  }

  /// The folder's name, or the one that it had when it was converted.
  public let name: String
  public let configuration: Configuration
  public let layout: ExpertLayout
  public let reading: Reading
  public let head: Head
  /// How embeddings are compared.
  public let similarity: Similarity
  /// Whether queries and candidates have an encoder each.
  public let hasSeparateEncoders: Bool
  /// What the model's folder holds that serving does not read.
  public let unread: UnreadParts
  /// Where the vocabulary and its settings are; nil in a converted file, which has them inside.
  public let tokenizerFolder: ModelFolder?
  let storage: Storage

  /// The longest sequence of a SciMult checkpoint, as it was trained and evaluated.
  private static let sciMultMaxTokens = 512

  /// Reads a model folder, weights aside.
  /// - Throws: `ModelError`: one line with the file, the entry and the reason why the model cannot be served.
  public init(folder: ModelFolder) throws(ModelError) {
    try Self.refuseAdapter(beside: folder)
    let own = try SciMultFile(folder: folder)
    let files = try SentenceTransformersFolder(folder: folder, similarity: own.similarity)
    name = folder.name
    tokenizerFolder = files.encoder
    try Self.refuseAdapter(beside: files.encoder)
    configuration = try Configuration(folder: files.encoder)
    let weights = try files.encoder.openWeights()
    let maxTokens: Int
    let prefixes: [EncodingRole: String]
    if let values = weights.encoderParameters {
      guard files.head == nil else {
        throw ModelError(
          file: weights.path,
          reason: "is a SciMult checkpoint, which says itself how it pools; remove "
            + "\(SentenceTransformersModules.fileName) and 1_Pooling beside it")
      }
      let parameters = EncoderParameters(file: weights.path, values: values)
      try parameters.refuseGatesAndProjections(tensorNames: weights.tensors.keys)
      layout = try ExpertLayout(parameters: parameters, layers: configuration.layers)
      head = try parameters.bool("mean_pool") ?? false ? Head(pooling: .mean, steps: [.normalize]) : Head(pooling: .cls)
      maxTokens = min(Self.sciMultMaxTokens, configuration.maxPositions)
      hasSeparateEncoders = try !(parameters.bool("shared_encoder") ?? true)
      prefixes = [.query: "question_model.encoder.", .candidate: "ctx_model.encoder."]
    } else {
      layout = .vanilla
      head = files.head ?? Head(pooling: .cls)
      maxTokens = files.maxTokens(positions: configuration.maxPositions)
      hasSeparateEncoders = false
      prefixes = [.query: try Self.prefix(of: weights, configuration.family)]
    }
    try files.check(head, hiddenSize: configuration.hiddenSize)
    reading = Reading(
      instructions: own.instructions, prompts: files.prompts, paperForm: own.paperForm ?? .separator,
      lowercases: files.lowercases, maxTokens: maxTokens)
    if reading.paperForm == .pair, configuration.tokenTypes < 2 || maxTokens < 3 {
      throw ModelError(
        file: folder.path(of: SciMultFile.name), entry: "papers",
        reason: "\"pair\" needs two token types and 3 tokens; the model has \(configuration.tokenTypes) and reads "
          + "\(maxTokens)")
    }
    similarity = files.similarity ?? (head.isNormalized ? .cosine : .dot)
    let tensors = try UnreadTensors(
      in: weights, prefixes: prefixes.values, configuration: configuration, layout: layout)
    unread = UnreadParts(
      tensors: tensors.heads, weights: weights, folder: folder, files: files, readsPrompts: own.instructions == nil)
    storage = .checkpoint(weights, prefixes: prefixes, dense: files.denseFiles)
  }

  /// Reads what a converted file says of its model.
  /// - Throws: `ModelError` for a file that cannot be served.
  public init(converted file: ConvertedFile) throws(ModelError) {
    let model = try ConvertedModel(file)
    name = model.name
    configuration = model.configuration
    layout = model.layout
    reading = model.reading
    head = model.head
    similarity = model.similarity
    hasSeparateEncoders = model.hasSeparateEncoders
    unread = .none
    tokenizerFolder = nil
    storage = .converted(file, model)
  }

  /// What the names of the encoder's tensors start with.
  private static func prefix(of weights: WeightsFile, _ family: EncoderFamily) throws(ModelError) -> String {
    let name = EncoderFamily.wordEmbeddings
    for prefix in [family.prefix, ""] where weights.tensors[prefix + name] != nil { return prefix }
    guard let other = weights.tensors.keys.sorted().first(where: { $0.hasSuffix("." + name) }) else { return "" }
    throw ModelError(
      file: weights.path, entry: other,
      reason: "its name does not start with embeddings. or \(family.prefix)embeddings.: save the weights again without "
        + "\"\(other.dropLast(name.count))\" in front of the names")
  }

  /// A peft adapter beside the weights: transformers would apply it without being told to.
  private static func refuseAdapter(beside folder: ModelFolder) throws(ModelError) {
    let name = "adapter_config.json"
    guard let file = try folder.json(name) else { return }
    let kind = try file.string("peft_type").map { "a \($0) adapter" } ?? "an adapter"
    throw ModelError(
      file: folder.path(of: name),
      reason: "is \(kind) beside the weights, which is not served; merge it (peft: merge_and_unload) and save the model"
    )
  }

  /// The path, kind and size of the weights' file.
  public var weights: (path: String, format: String, byteCount: Int) {
    switch storage {
    case .checkpoint(let file, _, _): (file.path, String(describing: file.format), file.byteCount)
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
    return layout.experts > 1 ? .expert : .vanilla
  }

  /// The tasks that the model can embed for.
  public var tasks: [EncodingTask] { reading.instructions?.tasks ?? EncodingTask.allCases }

  /// Values of an embedding.
  public var dimensions: Int { head.dimensions(hiddenSize: configuration.hiddenSize) }

  /// The longest sequence that is served, in tokens, [CLS] and [SEP] included.
  public var maxTokens: Int { reading.maxTokens }

  /// Rows of the table of positions: one for each position, once for each token type that is read.
  var positionRows: Int { configuration.maxPositions * (reading.paperForm == .pair ? 2 : 1) }
}
