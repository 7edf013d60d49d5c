import Checkpoint

/// Finds the user's choice of experts, and assigns each to an encoder: adapters become experts of the first encoder,
/// and a whole encoder stands alone.
struct ExpertBuilder {
  private typealias Source = ExpertChoice.Source

  private let base: CheckpointExperts.Base
  private let prefix: String
  private let catalog: AdapterCatalog
  /// The experts of the first encoder, and their sources.
  private var adapters: [(source: Source, name: String, adapter: ExpertAdapter?)] = []
  /// Whole encoders, and their sources.
  private var encoders: [(source: Source, name: String, folder: ModelFolder)] = []
  private var filesRead: Set<String> = []
  private var namesUsed: Set<String> = []
  /// The names of heads outside the encoders.
  private var heads: Set<String> = []
  /// The folders with the vocabularies of whole encoders other than the first.
  private var otherFolders: [ModelFolder] = []

  init(_ base: CheckpointExperts.Base, prefix: String, catalog: AdapterCatalog) {
    self.base = base
    self.prefix = prefix
    self.catalog = catalog
    if !catalog.entries.isEmpty { filesRead.insert(AdapterCatalog.folderName) }
    if base.home.path != base.folder.path { filesRead.formUnion(inFolder(base.home)) }
  }

  /// The encoder without experts.
  mutating func plain() throws(ModelError) -> CheckpointExperts {
    try readTensorNames(of: base.weights, prefix: prefix, adapters: catalog.savedTensorNames)
    let encoder = CheckpointEncoder(file: base.weights, prefix: prefix, layout: .vanilla, adapters: [])
    return CheckpointExperts(
      encoders: [encoder], routing: .plain(), servesAnyTask: true, filesRead: filesRead, unusedTensors: heads.sorted())
  }

  /// Refuses tensors of an encoder that its architecture does not have, and records heads.
  private mutating func readTensorNames(
    of weights: WeightsFile, prefix: String, adapters: Set<String> = []
  ) throws(ModelError) {
    heads.formUnion(
      try UnreadTensors(
        in: weights, prefixes: [prefix], configuration: base.configuration, layout: .vanilla, adapters: adapters
      ).heads)
  }

  /// The encoder with one adapter for all tasks.
  mutating func single(_ adapter: AdapterFolder) throws(ModelError) -> CheckpointExperts {
    adapters = [(.base, adapter.names[0], adapter.adapter)]
    let encoder = try adaptedEncoder()
    return CheckpointExperts(
      encoders: [encoder],
      routing: ExpertRouting(EncodingTask.standard, names: [[adapter.names[0]]]) { _, _ in
        ExpertRouting.Route(encoder: 0, expert: 0)
      },
      servesAnyTask: true,
      filesRead: filesRead.union(AdapterFolder.fileNames), unusedTensors: heads.sorted())
  }

  mutating func build(_ choice: ExpertChoice) throws(ModelError) -> CheckpointExperts {
    for task in choice.tasks {
      for role in EncodingRole.allCases { try find(choice[task, role], for: choice.key(task, role)) }
    }
    var checkpoints: [CheckpointEncoder] = []
    var names: [[String]] = []
    if !adapters.isEmpty {
      checkpoints.append(try adaptedEncoder())
      names.append(adapters.map(\.name))
    }
    for encoder in encoders {
      checkpoints.append(try wholeEncoder(encoder.folder))
      names.append([encoder.name])
    }
    return CheckpointExperts(
      encoders: checkpoints,
      routing: try ExpertRouting(choice.tasks, names: names) { (task, role) throws(ModelError) in
        route(choice[task, role])
      },
      otherFolders: otherFolders, servesAnyTask: choice.isByRole,
      filesRead: filesRead,
      unusedAdapters: catalog.entries.filter { namesUsed.isDisjoint(with: $0.names) }.map { $0.names[0] },
      unusedTensors: heads.sorted())
  }

  private func route(_ source: Source) -> ExpertRouting.Route {
    if let expert = adapters.firstIndex(where: { $0.source == source }) {
      return ExpertRouting.Route(encoder: 0, expert: expert)
    }
    guard let place = encoders.firstIndex(where: { $0.source == source }) else {
      preconditionFailure("an expert that was not found")
    }
    return ExpertRouting.Route(encoder: place + (adapters.isEmpty ? 0 : 1), expert: 0)
  }

  /// - Parameter key: the key of scimult.json that names the source.
  private mutating func find(_ source: Source, for key: String) throws(ModelError) {
    guard !adapters.contains(where: { $0.source == source }), !encoders.contains(where: { $0.source == source }) else {
      return
    }
    switch source {
    case .base: adapters.append((source, "base", nil))
    case .named(let name):
      let isEncoder = base.folder.contains(name + "/" + Configuration.fileName)
      if let entry = catalog[name] {
        guard !isEncoder else {
          throw ModelError(
            file: base.folder.path(of: SciMultFile.name), entry: key,
            reason: "\"\(name)\" is both an adapter and the folder of an encoder: rename one")
        }
        namesUsed.formUnion(entry.names)
        adapters.append((source, name, entry.adapter))
      } else if isEncoder {
        let folder = try base.folder.subfolder(name)
        filesRead.formUnion(inFolder(folder))
        encoders.append((source, name, folder))
      } else {
        throw ModelError(
          file: base.folder.path(of: SciMultFile.name), entry: key,
          reason: "\"\(name)\" is neither an adapter nor a folder, inside of the model's, of an encoder"
            + (catalog.entries.isEmpty ? "" : "; there are the adapters \(catalog.list)"))
      }
    case .folder(let path):
      let folder = try ModelFolder(path: path)
      let name = folder.name.split(separator: "/").last.map(String.init) ?? folder.name
      if AdapterFolder.isOne(folder) {
        try AdapterFolder.refuseModel(folder)
        adapters.append((source, name, try AdapterFolder(folder, configuration: base.configuration).adapter))
      } else {
        encoders.append((source, name, folder))
      }
    }
  }

  /// The first part of a folder's path inside the model's folder.
  private func inFolder(_ folder: ModelFolder) -> [String] {
    let parts = folder.path.dropFirst(base.folder.path.count).split(separator: "/")
    return parts.first.map { [String($0)] } ?? []
  }

  private mutating func adaptedEncoder() throws(ModelError) -> CheckpointEncoder {
    try readTensorNames(of: base.weights, prefix: prefix, adapters: catalog.savedTensorNames)
    guard adapters.count <= ExpertLayout.expertsMax else {
      throw ModelError(
        file: base.folder.path, reason: "has \(adapters.count) experts, at most \(ExpertLayout.expertsMax) are served")
    }
    if adapters.count > 1 {
      for case .lowRank(let adapter)? in adapters.map(\.adapter) {
        try adapter.refuseChangesOfSharedNorms(base.configuration)
      }
    }
    let experts = adapters.map(\.adapter)
    return CheckpointEncoder(
      file: base.weights, prefix: prefix, layout: ExpertLayout(experts, configuration: base.configuration),
      adapters: experts)
  }

  /// A whole encoder as an expert, with the shape of the first encoder.
  private mutating func wholeEncoder(_ folder: ModelFolder) throws(ModelError) -> CheckpointEncoder {
    let files = try SentenceTransformersFolder(folder: folder)
    let configuration = try Configuration(folder: files.encoder)
    if let difference = configuration.difference(from: base.configuration) {
      throw ModelError(
        file: files.encoder.path(of: Configuration.fileName),
        reason: "\(difference) in \(base.home.path(of: Configuration.fileName)): encoders of one model are of one shape"
      )
    }
    if folder.path != base.folder.path, folder.contains(SciMultFile.name) {
      throw ModelError(
        file: folder.path(of: SciMultFile.name),
        reason: "is not read of an expert: say it in the model's own, or remove it")
    }
    if files.encoder.path != base.home.path { otherFolders.append(files.encoder) }
    try refuseOtherReading(files)
    guard !AdapterFolder.isOne(files.encoder), !folder.contains(AdapterCatalog.folderName),
      try SavedAdapters.areIn(files.encoder) == false
    else {
      throw ModelError(file: folder.path, reason: "is an encoder with adapters of its own: merge them")
    }
    let weights = files.encoder.path == base.home.path ? base.weights : try files.encoder.openWeights()
    guard weights.encoderParameters == nil else {
      throw ModelError(file: weights.path, reason: "is a SciMult checkpoint, which is no expert of another model")
    }
    let prefix = try CheckpointEncoder.prefix(of: weights, configuration.family)
    try readTensorNames(of: weights, prefix: prefix)
    return CheckpointEncoder(file: weights, prefix: prefix, layout: .vanilla, adapters: [])
  }

  /// Refuses an expert with its own reading or pooling: these belong to the model.
  private func refuseOtherReading(_ files: SentenceTransformersFolder) throws(ModelError) {
    let isFirst = files.encoder.path == base.home.path
    let first = base.files
    let difference: String? =
      if files.head != first.head || (!isFirst && !files.denseFiles.isEmpty) {
        "pools otherwise"
      } else if files.prompts != first.prompts || files.lowercases != first.lowercases {
        "reads texts otherwise"
      } else if !base.saysMaxTokens, maxTokens(files) != maxTokens(first) {
        "reads \(maxTokens(files)) tokens of a text, not \(maxTokens(first)) (max_tokens of \(SciMultFile.name) sets both)"
      } else {
        nil
      }
    guard let difference else { return }
    throw ModelError(
      file: files.encoder.path,
      reason: "\(difference) than the model's first encoder, \(base.home.path), which is not served")
  }

  private func maxTokens(_ files: SentenceTransformersFolder) -> Int {
    files.maxTokens(positions: base.configuration.maxPositions)
  }
}
