import Checkpoint

/// modules.json, and the folders of the modules that it names.
struct SentenceTransformersModules {
  private(set) var encoder: ModelFolder
  private(set) var pooling: Pooling?
  private(set) var poolsPrompt = true
  private(set) var steps: [Head.Step] = []
  private(set) var denseFiles: [WeightsFile] = []
  /// First parts of the modules' paths.
  private(set) var paths: Set<String> = []

  static let fileName = "modules.json"

  /// The modules that are served, by the last part of their class.
  private enum Kind: String {
    case transformer = "Transformer"
    /// The transformer's name before 2020.
    case bert = "BERT"
    case pooling = "Pooling"
    case dense = "Dense"
    case normalize = "Normalize"
    case dropout = "Dropout"
  }

  init(folder: ModelFolder) throws(ModelError) {
    encoder = folder
    guard let modules = try folder.jsonList(Self.fileName) else {
      let name = "1_Pooling/config.json"
      if let file = try folder.json(name) { try read(pooling: file) }
      return
    }
    let file = folder.path(of: Self.fileName)
    guard !modules.isEmpty else { throw ModelError(file: file, reason: "names no module") }
    var names: Set<String> = []
    for (index, module) in modules.enumerated() {
      let kind = try Self.kind(of: module)
      if let name = try module.string("name"), !names.insert(name).inserted {
        throw module.refusal("name", "\"\(name)\" names two modules, of which sentence-transformers keeps one")
      }
      let path = try module.string("path") ?? ""
      if let first = path.split(separator: "/").first(where: { $0 != "." }) { paths.insert(String(first)) }
      guard (index == 0) == (kind == .transformer || kind == .bert) else {
        throw module.refusal("type", "the Transformer module must come first, and once")
      }
      switch kind {
      case .transformer, .bert: encoder = try folder.subfolder(path)
      case .pooling:
        guard pooling == nil, steps.isEmpty else {
          throw module.refusal("type", "the Pooling module must follow the Transformer, and come once")
        }
        try read(pooling: try Self.config(of: path, in: folder))
      case .dropout: break
      case .normalize, .dense:
        guard pooling != nil else {
          throw module.refusal("type", "the module \(kind.rawValue) comes before Pooling, which is not served")
        }
        if kind == .normalize {
          if let settings = try folder.json(path + "/config.json") { try Self.refuseOtherFeatures(settings) }
          steps.append(.normalize)
        } else {
          try read(dense: try folder.subfolder(path))
        }
      }
    }
    guard pooling != nil else { throw ModelError(file: file, reason: "no Pooling module is named") }
  }

  /// A class counts as sentence-transformers' own only under its package's name: another one may do anything.
  private static func kind(of module: ModelSettings) throws(ModelError) -> Kind {
    guard let type = try module.string("type") else { throw module.refusal("type", "the key is missing") }
    let parts = type.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.first == "sentence_transformers", let kind = parts.last.flatMap({ Kind(rawValue: String($0)) }) else {
      throw module.refusal(
        "type",
        "the module \(type) is not served; sentence_transformers' Transformer, Pooling, Dense, Normalize and Dropout are"
      )
    }
    return kind
  }

  private static func config(of path: String, in folder: ModelFolder) throws(ModelError) -> ModelSettings {
    let name = path.isEmpty ? "config.json" : path + "/config.json"
    guard let file = try folder.json(name) else {
      throw ModelError(
        file: folder.path(of: name), reason: "the file is missing, and \(fileName) names its folder")
    }
    return file
  }

  /// Modules may read and write other things than the vector of the text.
  private static func refuseOtherFeatures(_ file: ModelSettings) throws(ModelError) {
    for key in ["module_input_name", "module_output_name"] {
      let name = try file.string(key) ?? "sentence_embedding"
      guard name == "sentence_embedding" else {
        throw file.refusal(key, "\"\(name)\" is not served; sentence_embedding is")
      }
    }
  }
}

// MARK: Pooling

extension SentenceTransformersModules {
  /// The keys of the flags, in the order in which their vectors are laid end to end.
  private static let flags: [(key: String, method: Pooling.Method)] = [
    ("pooling_mode_cls_token", .cls), ("pooling_mode_max_tokens", .max), ("pooling_mode_mean_tokens", .mean),
    ("pooling_mode_mean_sqrt_len_tokens", .meanSqrtLength), ("pooling_mode_weightedmean_tokens", .weightedMean),
    ("pooling_mode_lasttoken", .last),
  ]

  /// `pooling_mode`, a name or a list of them, wins over the flags; without either it is the mean.
  private mutating func read(pooling file: ModelSettings) throws(ModelError) {
    poolsPrompt = try file.bool("include_prompt", takesNumbers: true) ?? !file.keys.contains("include_prompt")
    var methods: [Pooling.Method] = []
    if let mode = file.value("pooling_mode") {
      let names = mode.array == nil ? [try file.string("pooling_mode") ?? ""] : try file.strings("pooling_mode") ?? []
      for name in names {
        guard let method = Pooling.Method(rawValue: name) else {
          let known = Pooling.Method.allCases.map(\.rawValue).joined(separator: ", ")
          throw file.refusal("pooling_mode", "\"\(name)\" is not served; known are \(known)")
        }
        methods.append(method)
      }
      guard !methods.isEmpty else { throw file.refusal("pooling_mode", "is an empty list") }
    } else {
      for (key, method) in Self.flags where try file.bool(key, takesNumbers: true) == true { methods.append(method) }
      let known = Self.flags.map(\.key)
      if let unknown = file.keys.first(where: { $0.hasPrefix("pooling_mode_") && !known.contains($0) }) {
        throw file.refusal(unknown, "the pooling method is not served")
      }
    }
    pooling = Pooling(methods: methods.isEmpty ? [.mean] : methods)
  }
}

// MARK: Dense

extension SentenceTransformersModules {
  private static let activations: [String: DenseShape.Activation] = [
    "torch.nn.modules.activation.Tanh": .tanh, "torch.nn.modules.linear.Identity": .identity,
    "torch.nn.modules.activation.ReLU": .relu, "torch.nn.modules.activation.GELU": .gelu,
    "torch.nn.Tanh": .tanh, "torch.nn.Identity": .identity, "torch.nn.ReLU": .relu, "torch.nn.GELU": .gelu,
  ]

  private mutating func read(dense folder: ModelFolder) throws(ModelError) {
    let file = try Self.config(of: "", in: folder)
    func width(_ key: String) throws(ModelError) -> Int {
      guard let width = try file.int(key, in: 1...DenseShape.largest) else {
        throw file.refusal(key, "the key is missing")
      }
      return width
    }
    try Self.refuseOtherFeatures(file)
    let name = try file.string("activation_function") ?? "torch.nn.modules.activation.Tanh"
    guard let activation = Self.activations[name] else {
      throw file.refusal("activation_function", "\"\(name)\" is not served; Tanh, Identity, ReLU and GELU are")
    }
    let (inputs, outputs) = (try width("in_features"), try width("out_features"))
    let adds = try file.bool("use_residual") ?? false
    let shape = DenseShape(
      inputs: inputs, outputs: outputs, hasBias: try file.bool("bias") ?? true, activation: activation,
      residual: !adds ? .none : inputs == outputs ? .input : .projected)
    let weights = try folder.openWeights()
    try Self.check(weights, holds: DenseLayer.parts(of: shape))
    steps.append(.dense(shape))
    denseFiles.append(weights)
  }

  private static func check(_ file: WeightsFile, holds parts: [DenseLayer.Part]) throws(ModelError) {
    for part in parts {
      let shape = part.name == "bias" ? [part.columns] : [part.rows, part.columns]
      guard let tensor = file.tensors[part.tensor] else {
        throw ModelError(file: file.path, entry: part.tensor, reason: "the tensor is missing")
      }
      guard tensor.shape == shape else {
        throw ModelError(
          file: file.path, entry: part.tensor, reason: "has the shape \(tensor.shape); config.json asks for \(shape)")
      }
    }
    let known = parts.map(\.tensor)
    if let unknown = file.tensors.keys.sorted().first(where: { !known.contains($0) }) {
      throw ModelError(file: file.path, entry: unknown, reason: "the Dense module has no such tensor")
    }
  }
}
