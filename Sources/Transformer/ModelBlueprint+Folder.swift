import Checkpoint

/// Reading a model folder.
extension ModelBlueprint {
  /// The longest sequence of a SciMult checkpoint in training and evaluation.
  private static let sciMultMaxTokens = 512

  /// Reads a model folder, except for its weights.
  /// - Parameter experts: experts that the command line names; they replace those in scimult.json.
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

  /// The first encoder's folder: the folder itself, the first of scimult.json's encoders, or `base`, as in SPECTER2's
  /// archive.
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
    if !folder.contains(Configuration.fileName), AdapterFolder.isOne(folder) {
      throw ModelError(
        file: folder.path(of: AdapterFolder.configurationName),
        reason:
          "is of an adapter without its model: put the folder into \(AdapterCatalog.folderName)/ of the model, or lay "
          + "it into one file with it (scimult convert MODEL --expert TASK=\(folder.path) -o FILE)")
    }
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
    // Models with an encoder for each role train the candidate's on pairs of title and text: DPR, MedCPT.
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
}
