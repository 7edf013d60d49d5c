import Checkpoint

/// The encoders of a model's folder, and the assignment of their experts to tasks.
struct CheckpointExperts {
  let encoders: [CheckpointEncoder]
  let routing: ExpertRouting
  /// Folders of whole encoders other than the first, whose vocabularies must equal the first one's.
  var otherFolders: [ModelFolder] = []
  /// Whether the model serves a task of any name, because no task has its own expert.
  var servesAnyTask = false
  /// The names of everything in the model's folder that is read as an expert.
  var filesRead: Set<String> = []
  /// The names of adapters that no task uses.
  var unusedAdapters: [String] = []
  /// The names of tensors outside an encoder, sorted.
  var unusedTensors: [String] = []

  /// The parts from which the first encoder is read.
  struct Base {
    /// The model's folder.
    let folder: ModelFolder
    /// The first encoder's folder: inside the model's folder, or the model's folder itself.
    let home: ModelFolder
    let files: SentenceTransformersFolder
    let weights: WeightsFile
    let configuration: Configuration
    /// Whether the folder's own file sets the longest text.
    let saysMaxTokens: Bool
  }

  /// The routes of the tasks that have an instruction.
  func routing(for tasks: [EncodingTask], in folder: ModelFolder) throws(ModelError) -> ExpertRouting {
    guard let routing = routing.only(tasks, orAny: servesAnyTask) else {
      throw ModelError(
        file: folder.path(of: SciMultFile.name),
        reason: "has instructions for tasks without an expert; its experts serve "
          + routing.tasks.map(\.rawValue).joined(separator: ", "))
    }
    return routing
  }

  /// The user's assignment of experts.
  struct Wishes {
    /// Assignments of the command line; they win over scimult.json.
    var assignments: [ExpertAssignment] = []
    let file: SciMultFile
  }

  /// Experts of a SciMult checkpoint: sub-layers of the encoder, and an encoder for each role if the checkpoint has
  /// two.
  static func sciMult(
    _ base: Base, _ parameters: EncoderParameters, _ wishes: Wishes
  ) throws(ModelError) -> CheckpointExperts {
    if let other = otherExperts(base, wishes) {
      throw ModelError(
        file: base.weights.path, reason: "is a SciMult checkpoint, which has experts itself; remove \(other)")
    }
    let layout = try ExpertLayout(parameters: parameters, layers: base.configuration.layers)
    let isShared = try parameters.bool("shared_encoder") ?? true
    let encoders = isShared ? ["question_model"] : ["question_model", "ctx_model"]
    let experts = layout.experts > 1 ? ExpertLayout.sciMultTasks.map(\.rawValue) : []
    let names =
      switch (isShared, experts.isEmpty) {
      case (true, true): [[String]]()
      case (true, false): [experts]
      case (false, true): encoders.map { [$0] }
      case (false, false): encoders.map { encoder in experts.map { "\(encoder)/\($0)" } }
      }
    let checkpoints = encoders.map {
      CheckpointEncoder(file: base.weights, prefix: "\($0).encoder.", layout: layout, adapters: [])
    }
    let tensors = try UnreadTensors(
      in: base.weights, prefixes: checkpoints.map(\.prefix), configuration: base.configuration, layout: layout)
    return CheckpointExperts(
      encoders: checkpoints,
      routing: ExpertRouting(EncodingTask.standard, names: names) { task, role in
        ExpertRouting.Route(
          encoder: isShared || role == .query ? 0 : 1,
          expert: experts.isEmpty ? 0 : ExpertLayout.sciMultTasks.firstIndex(of: task) ?? 0)
      },
      unusedTensors: tensors.heads)
  }

  private static func otherExperts(_ base: Base, _ wishes: Wishes) -> String? {
    if !wishes.assignments.isEmpty { return "--expert" }
    if wishes.file.experts != nil { return "\"experts\" of \(SciMultFile.name)" }
    if wishes.file.encoders != nil { return "\"encoders\" of \(SciMultFile.name)" }
    return [AdapterCatalog.folderName, AdapterFolder.configurationName].first(where: base.folder.contains)
  }

  /// Encoders in transformers' form, one or more, and adapters.
  /// - Throws: `ModelError` for an expert that does not exist, or cannot be served.
  static func ofFolder(_ base: Base, _ wishes: Wishes) throws(ModelError) -> CheckpointExperts {
    let prefix = try CheckpointEncoder.prefix(of: base.weights, base.configuration.family)
    let catalog = try AdapterCatalog(
      folder: base.folder, encoder: base.home, weights: base.weights, prefix: prefix, configuration: base.configuration)
    let adapterBeside = try [base.folder, base.home].first(where: AdapterFolder.isOne).map {
      (folder) throws(ModelError) in
      try AdapterFolder(folder, configuration: base.configuration)
    }
    let choice = try self.choice(base, wishes, catalog, hasAdapterBeside: adapterBeside != nil)
    var builder = ExpertBuilder(base, prefix: prefix, catalog: catalog)
    if let adapterBeside { return try builder.single(adapterBeside) }
    guard let choice else { return try builder.plain() }
    return try builder.build(choice)
  }

  private static func choice(
    _ base: Base, _ wishes: Wishes, _ catalog: AdapterCatalog, hasAdapterBeside: Bool
  ) throws(ModelError) -> ExpertChoice? {
    let wished: ExpertChoice?
    if !wishes.assignments.isEmpty {
      wished = try ExpertChoice(wishes.assignments, of: base.folder.path)
    } else {
      wished = wishes.file.experts ?? wishes.file.encoders.map(ExpertChoice.init(encoders:))
    }
    guard hasAdapterBeside else {
      if let wished { return wished }
      return try catalog.choice(folder: base.folder)
    }
    guard wished == nil, catalog.entries.isEmpty else {
      throw ModelError(
        file: base.folder.path,
        reason: "has an adapter beside the weights (\(AdapterFolder.configurationName)) and other experts: move it to "
          + "\(AdapterCatalog.folderName)/NAME")
    }
    return nil
  }
}
