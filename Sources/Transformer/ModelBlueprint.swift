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

  /// The longest sequence of a SciMult checkpoint, as it was trained and evaluated.
  private static let sciMultMaxTokens = 512

  /// Reads a model folder, weights aside.
  /// - Parameter experts: that a person has named beside the folder; in the place of those that scimult.json names.
  /// - Throws: `ModelError`: one line with the file, the entry and the reason why the model cannot be served.
  public init(folder: ModelFolder, experts assignments: [ExpertAssignment] = []) throws(ModelError) {
    let own = try SciMultFile(folder: folder)
    let home = try Self.home(folder, own)
    let files = try SentenceTransformersFolder(folder: home, similarity: own.similarity)
    name = folder.name
    tokenizerFolder = files.encoder
    configuration = try Configuration(folder: files.encoder)
    let weights = try files.encoder.openWeights()
    let base = CheckpointExperts.Base(
      folder: folder, home: files.encoder, files: files, weights: weights, configuration: configuration,
      saysMaxTokens: own.maxTokens.count == EncodingRole.allCases.count || own.encoders != nil)
    let wishes = CheckpointExperts.Wishes(assignments: assignments, file: own)
    let experts: CheckpointExperts
    var head = files.head ?? Head(pooling: .cls)
    var maxTokens = files.maxTokens(positions: configuration.maxPositions)
    if let values = weights.encoderParameters {
      guard files.head == nil else {
        throw ModelError(
          file: weights.path,
          reason: "is a SciMult checkpoint, which says itself how it pools; remove "
            + "\(SentenceTransformersModules.fileName) and 1_Pooling beside it")
      }
      let parameters = EncoderParameters(file: weights.path, values: values)
      try parameters.refuseGatesAndProjections(tensorNames: weights.tensors.keys)
      experts = try .sciMult(base, parameters, wishes)
      if try parameters.bool("mean_pool") ?? false { head = Head(pooling: .mean, steps: [.normalize]) }
      maxTokens = min(Self.sciMultMaxTokens, configuration.maxPositions)
    } else {
      experts = try .ofFolder(base, wishes)
    }
    if own.controlCodes != nil {
      guard files.head == nil else {
        throw ModelError(
          file: folder.path(of: SciMultFile.name), entry: "control_codes",
          reason: "sets how the model pools, and so does \(SentenceTransformersModules.fileName): remove one")
      }
      head = Head(pooling: Pooling(methods: [.controlCode]))
    }
    try files.check(head, hiddenSize: configuration.hiddenSize)
    self.head = head
    reading = try Self.reading(folder, own, files, maxTokens: maxTokens, configuration)
    similarity = files.similarity ?? (head.isNormalized ? .cosine : .dot)
    layouts = experts.encoders.map(\.layout)
    routing =
      try reading.instructions.map { (given) throws(ModelError) in try experts.routing(for: given.tasks, in: folder) }
      ?? experts.routing
    otherTokenizerFolders = experts.otherFolders
    unread = UnreadParts(
      tensors: experts.unusedTensors, adapters: experts.unusedAdapters, weights: weights, folder: folder, files: files,
      filesRead: experts.filesRead, readsPrompts: reading.instructions == nil)
    storage = .checkpoint(experts.encoders, dense: files.denseFiles)
  }

  /// Where the first encoder is: the folder itself, the first of scimult.json's encoders, or `base`, as SPECTER2's archive
  /// has it.
  private static func home(_ folder: ModelFolder, _ own: SciMultFile) throws(ModelError) -> ModelFolder {
    if let query = own.encoders?[.query] {
      guard folder.contains(query + "/" + Configuration.fileName) else {
        throw ModelError(
          file: folder.path(of: SciMultFile.name), entry: "encoders.query",
          reason: "\"\(query)\" is no folder, inside of the model's, of an encoder")
      }
      return try folder.subfolder(query)
    }
    let isBeside = !folder.contains(Configuration.fileName) && folder.contains("base/" + Configuration.fileName)
    guard isBeside else { return folder }
    let base = try folder.subfolder("base")
    if let stray = [SciMultFile.name, AdapterCatalog.folderName].first(where: base.contains) {
      throw ModelError(file: base.path(of: stray), reason: "is not read there: move it beside base")
    }
    return base
  }

  private static func reading(
    _ folder: ModelFolder, _ own: SciMultFile, _ files: SentenceTransformersFolder, maxTokens: Int,
    _ configuration: Configuration
  ) throws(ModelError) -> Reading {
    var limits: [EncodingRole: Int] = [:]
    for role in EncodingRole.allCases {
      var ofFiles = maxTokens
      if let encoders = own.encoders, let encoder = encoders[role] {
        let files = try SentenceTransformersFolder(folder: folder.subfolder(encoder))
        ofFiles = min(
          PublishedEncoders.maxTokens(role, folders: [folder.name] + encoders.values) ?? .max,
          files.maxTokens(positions: configuration.maxPositions))
      }
      limits[role] = min(own.maxTokens[role] ?? ofFiles, configuration.maxPositions)
      if let wished = own.maxTokens[role], wished > configuration.maxPositions {
        throw ModelError(
          file: folder.path(of: SciMultFile.name), entry: "max_tokens",
          reason: "is \(wished); the model has \(configuration.maxPositions) positions")
      }
    }
    // Who keeps an encoder for each role trains the candidate's on pairs of title and text: DPR, MedCPT.
    let paperForm = own.paperForm ?? (own.encoders != nil && configuration.tokenTypes >= 2 ? .pair : .separator)
    let reading = Reading(
      instructions: own.instructions ?? own.controlCodes, prompts: files.prompts, paperForm: paperForm,
      lowercases: files.lowercases, maxTokens: limits)
    let shortest = EncodingRole.allCases.map(reading.maxTokens).min() ?? 2
    if paperForm == .pair, configuration.tokenTypes < 2 || shortest < 3 {
      throw ModelError(
        file: folder.path(of: SciMultFile.name), entry: "papers",
        reason: "\"pair\" needs two token types and 3 tokens; the model has \(configuration.tokenTypes) and reads "
          + "\(shortest)")
    }
    return reading
  }

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
