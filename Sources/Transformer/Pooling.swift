import Checkpoint

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How the hidden states of the last layer become one embedding.
public struct Pooling: Sendable, Equatable, Codable {
  public enum Method: String, Sendable, Codable {
    /// The first token's hidden state.
    case cls
    /// The mean over all tokens.
    case mean
  }

  public let method: Method
  /// Divide by the Euclidean length, so that the dot product is the cosine.
  public let normalize: Bool

  static let cls = Pooling(method: .cls, normalize: false)
}

/// What a sentence-transformers folder adds to a BERT folder.
struct SentenceTransformersFiles {
  var pooling: Pooling?
  /// Tokens, [CLS] and [SEP] included.
  var maxTokens: Int?

  /// Reads modules.json, the pooling folder that it names, and sentence_bert_config.json, where they are.
  init(folder: ModelFolder) throws(ModelError) {
    maxTokens = try Self.decode(SentenceBertConfig.self, "sentence_bert_config.json", in: folder)?.maxSequenceLength
    if let maxTokens, maxTokens < 2 {
      throw ModelError(
        file: folder.path + "/sentence_bert_config.json", entry: "max_seq_length",
        reason: "\(maxTokens) leaves no room for [CLS] and [SEP]")
    }
    guard let modules = try Self.decode([Module].self, "modules.json", in: folder) else {
      if let config = try Self.decode(PoolingConfig.self, "1_Pooling/config.json", in: folder) {
        pooling = try Self.pooling(config, normalize: false, file: folder.path + "/1_Pooling/config.json")
      }
      return
    }
    let file = folder.path + "/modules.json"
    var normalize = false
    var config: (PoolingConfig, String)?
    for module in modules {
      switch module.kind {
      case "Transformer": break
      case "Pooling":
        let name = module.path + "/config.json"
        guard let found = try Self.decode(PoolingConfig.self, name, in: folder) else {
          throw ModelError(file: folder.path + "/" + name, reason: "the file is missing, and modules.json names it")
        }
        config = (found, folder.path + "/" + name)
      case "Normalize": normalize = true
      default:
        throw ModelError(
          file: file, entry: module.type, reason: "the module is not served; Transformer, Pooling and Normalize are")
      }
    }
    guard let config else { throw ModelError(file: file, reason: "no Pooling module is named") }
    pooling = try Self.pooling(config.0, normalize: normalize, file: config.1)
  }

  private static func pooling(
    _ config: PoolingConfig, normalize: Bool, file: String
  ) throws(ModelError) -> Pooling {
    let methods = config.enabledMethods
    guard methods.count == 1, let method = methods.first else {
      let names = methods.isEmpty ? "none" : methods.joined(separator: ", ")
      throw ModelError(file: file, reason: "exactly one pooling method must be chosen; found \(names)")
    }
    switch method {
    case "pooling_mode_cls_token", "cls": return Pooling(method: .cls, normalize: normalize)
    case "pooling_mode_mean_tokens", "mean": return Pooling(method: .mean, normalize: normalize)
    default:
      throw ModelError(file: file, entry: method, reason: "the pooling method is not served; cls and mean are")
    }
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, _ name: String, in folder: ModelFolder
  ) throws(ModelError) -> Value? {
    guard let data = try folder.data(of: name) else { return nil }
    do {
      return try JSONDecoder().decode(type, from: Data(data))
    } catch {
      throw ModelError(file: folder.path + "/" + name, reason: "not the JSON that sentence-transformers writes")
    }
  }
}

private struct Module: Decodable {
  let path: String
  let type: String

  /// The class without its Python package.
  var kind: Substring { type.split(separator: ".").last ?? "" }
}

private struct SentenceBertConfig: Decodable {
  let maxSequenceLength: Int?
  enum CodingKeys: String, CodingKey { case maxSequenceLength = "max_seq_length" }
}

/// The keys `pooling_mode_*` are flags; newer folders give one `pooling_mode` text instead.
private struct PoolingConfig: Decodable {
  let enabledMethods: [String]

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    var enabled: [String] = []
    for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
      if key.stringValue == "pooling_mode" {
        enabled.append(try container.decode(String.self, forKey: key))
      } else if key.stringValue.hasPrefix("pooling_mode_"), try container.decode(Bool.self, forKey: key) {
        enabled.append(key.stringValue)
      }
    }
    enabledMethods = enabled
  }
}
