import Checkpoint

/// modules.json, and the folders of the modules that it names.
struct SentenceTransformersModules {
  private(set) var encoder: ModelFolder
  private(set) var pooling: Pooling?
  private(set) var poolsPrompt = true
  /// The steps after pooling.
  private(set) var steps: [Head.Step] = []
  /// The weights of the dense layers among the steps, in their order.
  private(set) var denseFiles: [WeightsFile] = []
  /// The first parts of the modules' paths.
  private(set) var paths: Set<String> = []

  static let fileName = "modules.json"

  /// The supported modules, by the last part of their class.
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
      if let file = try folder.json(name) {
        (pooling, poolsPrompt) = (try Self.pooling(file), try Self.poolsPrompt(file))
      }
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
        let file = try Self.config(of: path, in: folder)
        (pooling, poolsPrompt) = (try Self.pooling(file), try Self.poolsPrompt(file))
      case .dropout: break
      case .normalize, .dense:
        guard pooling != nil else {
          throw module.refusal("type", "the module \(kind.rawValue) comes before Pooling, which is not served")
        }
        if kind == .normalize {
          if let settings = try folder.json(path + "/config.json") { try Self.refuseOtherFeatures(settings) }
          steps.append(.normalize)
        } else {
          let (shape, weights) = try Self.dense(try folder.subfolder(path))
          steps.append(.dense(shape))
          denseFiles.append(weights)
        }
      }
    }
    guard pooling != nil else { throw ModelError(file: file, reason: "no Pooling module is named") }
  }

  /// A class is sentence-transformers' own only under its package's name: any other class may do anything.
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

  static func config(of path: String, in folder: ModelFolder) throws(ModelError) -> ModelSettings {
    let name = path.isEmpty ? "config.json" : path + "/config.json"
    guard let file = try folder.json(name) else {
      throw ModelError(
        file: folder.path(of: name), reason: "the file is missing, and \(fileName) names its folder")
    }
    return file
  }

  /// Refuses modules that read or write anything but the vector of the text.
  static func refuseOtherFeatures(_ file: ModelSettings) throws(ModelError) {
    for key in ["module_input_name", "module_output_name"] {
      let name = try file.string(key) ?? "sentence_embedding"
      guard name == "sentence_embedding" else {
        throw file.refusal(key, "\"\(name)\" is not served; sentence_embedding is")
      }
    }
  }
}
