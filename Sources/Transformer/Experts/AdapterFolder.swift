import Checkpoint

/// One adapter in a folder, as the adapters library or peft saves it.
struct AdapterFolder {
  static let configurationName = "adapter_config.json"

  private static let fusionName = "adapter_fusion_config.json"

  private static let libraryWeights = ["adapter.safetensors", "pytorch_adapter.bin"]
  private static let peftWeights = ["adapter_model.safetensors", "adapter_model.bin"]

  /// The names of all files of an adapter.
  static let fileNames = [configurationName] + libraryWeights + peftWeights

  /// The adapter's names: in its own file, and of its folder.
  let names: [String]
  let adapter: ExpertAdapter

  /// Refuses a model with an adapter next to its weights where only an adapter is expected.
  static func refuseModel(_ folder: ModelFolder) throws(ModelError) {
    guard folder.contains(Configuration.fileName),
      let weights = ["model.safetensors", "pytorch_model.bin"].first(where: folder.contains)
    else { return }
    throw ModelError(
      file: folder.path(of: weights),
      reason: "is an encoder's, beside an adapter: merge the adapter into it, or take the encoder out of the folder")
  }

  /// Whether a folder contains an adapter.
  static func isOne(_ folder: ModelFolder) -> Bool { folder.contains(configurationName) }

  /// - Parameter configuration: the configuration of the adapter's encoder.
  /// - Throws: `ModelError` with the file, and the key or the tensor that cannot be served.
  init(_ folder: ModelFolder, configuration: Configuration) throws(ModelError) {
    guard !folder.contains(Self.fusionName) else {
      throw ModelError(
        file: folder.path(of: Self.fusionName), reason: "AdapterFusion is not served; single adapters are")
    }
    guard let file = try folder.json(Self.configurationName) else {
      throw ModelError(file: folder.path, reason: "holds no \(Self.configurationName): it is no adapter")
    }
    let folderName = folder.path.split(separator: "/").last.map(String.init) ?? folder.path
    if file.contains("peft_type") {
      let settings = try LowRankSettings(file)
      let weights = try Self.weights(Self.peftWeights, of: "a LORA adapter", in: folder)
      adapter = .lowRank(
        try LowRankAdapter(settings, in: weights, family: configuration.family, layers: configuration.layers))
      names = [folderName]
    } else {
      let name = try file.string("name")
      adapter = .bottleneck(try Self.bottleneck(file, name: name, in: folder, configuration))
      names = [name, folderName].compactMap(\.self)
    }
  }

  private static func bottleneck(
    _ file: ModelSettings, name: String?, in folder: ModelFolder, _ configuration: Configuration
  ) throws(ModelError) -> BottleneckTensors {
    if let type = try file.string("model_type"), type != configuration.family.rawValue {
      throw file.refusal("model_type", "\"\(type)\": the encoder is \(configuration.family.rawValue)")
    }
    if let size = try file.int("hidden_size", in: 1...Int(Int32.max)), size != configuration.hiddenSize {
      throw file.refusal("hidden_size", "\(size): the encoder's is \(configuration.hiddenSize)")
    }
    let settings = try BottleneckSettings("config", of: file, renamesActivations: !file.contains("version"))
    let weights = try Self.weights(libraryWeights, of: "an adapter", in: folder)
    let known = BottleneckTensors.adapters(in: weights)
    guard let adapter = name.flatMap({ known.contains($0) ? $0 : nil }) ?? (known.count == 1 ? known.first : nil) else {
      throw ModelError(
        file: weights.path,
        reason: "holds no tensors of the adapter \(name ?? ""): of \(known.sorted().joined(separator: ", "))")
    }
    let ownPrefix = configuration.family.prefix
    let prefix = weights.tensors.keys.contains { $0.hasPrefix(ownPrefix) } ? ownPrefix : ""
    let tensors = try BottleneckTensors(
      settings, adapter: adapter, in: weights, prefix: prefix, configuration: configuration)
    if let other = Set(weights.tensors.keys).subtracting(tensors.tensorNames).min() {
      throw ModelError(file: weights.path, entry: other, reason: "is no tensor of a bottleneck adapter: not served")
    }
    return tensors
  }

  private static func weights(
    _ names: [String], of kind: String, in folder: ModelFolder
  ) throws(ModelError) -> WeightsFile {
    guard let name = names.first(where: folder.fileNames.contains) else {
      throw ModelError(
        file: folder.path(of: configurationName),
        reason:
          "is of \(kind) whose weights are not beside it: \(names.joined(separator: " or ")) is expected; or merge "
          + "it (peft: merge_and_unload) and save the model")
    }
    return try WeightsFile(path: folder.path(of: name))
  }
}
