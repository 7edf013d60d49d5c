import Checkpoint

/// Adapters that are saved with the encoder: their configurations are in config.json, their tensors among the
/// encoder's.
struct SavedAdapters {
  let adapters: [(name: String, tensors: BottleneckTensors)]

  /// - Parameter prefix: the prefix of the names of the encoder's tensors.
  /// - Throws: `ModelError` with the key or the tensor that cannot be served.
  init(
    folder: ModelFolder, weights: WeightsFile, prefix: String, configuration: Configuration
  ) throws(ModelError) {
    guard let file = try folder.json(Configuration.fileName)?.object("adapters"),
      let keys = try file.object("adapters")
    else {
      adapters = []
      return
    }
    if let fusion = file.value("fusions")?.object?.members.first?.name {
      throw file.refusal("fusions", "AdapterFusion (\(fusion)) is not served; single adapters are")
    }
    let configurations = try file.object("config_map")
    var adapters: [(name: String, tensors: BottleneckTensors)] = []
    for name in keys.keys {
      guard let key = try keys.string(name) else { continue }
      let settings = try Self.settings(name, key, configurations, keys)
      let tensors = try BottleneckTensors(
        settings, adapter: name, in: weights, prefix: prefix, configuration: configuration)
      adapters.append((name, tensors))
    }
    self.adapters = adapters
  }

  /// The configuration for a key in `config_map`, or the one that the key itself names.
  private static func settings(
    _ name: String, _ key: String, _ configurations: ModelSettings?, _ keys: ModelSettings
  ) throws(ModelError) -> BottleneckSettings {
    guard let configurations, configurations.contains(key) else { return try BottleneckSettings(name, of: keys) }
    do throws(ModelError) {
      return try BottleneckSettings(key, of: configurations)
    } catch {
      throw ModelError(file: error.file, entry: error.entry, reason: "\(error.reason) (adapter \(name))")
    }
  }

  /// Whether a folder's config.json names adapters.
  static func areIn(_ folder: ModelFolder) throws(ModelError) -> Bool {
    try folder.json(Configuration.fileName)?.object("adapters")?.object("adapters")?.keys.isEmpty == false
  }

  /// The names of their tensors.
  var tensorNames: Set<String> { Set(adapters.flatMap(\.tensors.tensorNames)) }
}
