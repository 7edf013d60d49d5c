import Checkpoint

/// The adapters in a model's folder.
struct AdapterCatalog {
  struct Entry {
    /// One or more.
    let names: [String]
    let adapter: ExpertAdapter
  }

  static let folderName = "adapters"

  let entries: [Entry]
  /// The names of tensors of adapters that are saved with the encoder.
  let savedTensorNames: Set<String>

  /// - Parameters:
  ///   - folder: the model's folder, with `adapters/NAME/` in it.
  ///   - encoder: the folder with config.json.
  ///   - prefix: the prefix of the names of the encoder's tensors.
  /// - Throws: `ModelError` for an adapter that cannot be served, or two with one name.
  init(
    folder: ModelFolder, encoder: ModelFolder, weights: WeightsFile, prefix: String, configuration: Configuration
  ) throws(ModelError) {
    let saved = try SavedAdapters(folder: encoder, weights: weights, prefix: prefix, configuration: configuration)
    savedTensorNames = saved.tensorNames
    var entries = saved.adapters.map { Entry(names: [$0.name], adapter: .bottleneck($0.tensors)) }
    if folder.contains(Self.folderName) {
      let adapters = try folder.subfolder(Self.folderName)
      for name in adapters.fileNames where !name.hasPrefix(".") && adapters.isFolder(name) {
        let own = try adapters.subfolder(name)
        try AdapterFolder.refuseModel(own)
        let adapter = try AdapterFolder(own, configuration: configuration)
        if let twice = adapter.names.first(where: { name in entries.contains { $0.names.contains(name) } }) {
          throw ModelError(file: adapters.path(of: name), reason: "is called \(twice), and another adapter is as well")
        }
        entries.append(Entry(names: adapter.names, adapter: adapter.adapter))
      }
    }
    self.entries = entries
  }

  /// The adapter with a name.
  subscript(name: String) -> Entry? { entries.first { $0.names.contains(name) } }

  /// All names, for an error that lists them.
  var list: String { entries.map { $0.names[0] }.sorted().joined(separator: ", ") }

  /// The experts that need no assignment by the user: SPECTER2's, or a single adapter, for every task.
  /// - Parameter folder: the model's folder, for an error that names it.
  /// - Returns: nil if there is no adapter.
  func choice(folder: ModelFolder) throws(ModelError) -> ExpertChoice? {
    guard let first = entries.first else { return nil }
    if let unknown = entries.first(where: { !PublishedAdapters.contains($0.names) }) {
      guard entries.count == 1 else {
        throw ModelError(
          file: folder.path,
          reason: "it is not known which task the adapter \(unknown.names[0]) is for: say so in \(SciMultFile.name), "
            + #""experts": {"search": {"query": NAME, "candidate": NAME}, …}; its adapters are "# + list)
      }
      let source = ExpertChoice.Source.named(first.names[0])
      return ExpertChoice(
        Dictionary(uniqueKeysWithValues: EncodingTask.standard.map { ($0, [.query: source, .candidate: source]) }))
    }
    if let (one, other) = PublishedAdapters.twice(entries.map(\.names)) {
      throw ModelError(
        file: folder.path,
        reason: "the adapters \(one) and \(other) are for the same task: say which serves what in \(SciMultFile.name), "
          + #""experts": {"search": {"query": NAME, "candidate": NAME}, …}"#)
    }
    let choice = PublishedAdapters.choice(entries.map(\.names))
    guard !choice.tasks.isEmpty else {
      throw ModelError(
        file: folder.path,
        reason: "its adapters (\(list)) serve no task: search needs adhoc_query and proximity; or say in "
          + #"\#(SciMultFile.name) what they are for, "experts": {"search": NAME, …}"#)
    }
    return choice
  }
}
