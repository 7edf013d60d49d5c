import Checkpoint

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The shape of a BERT encoder, from config.json.
public struct Configuration: Sendable, Equatable, Codable {
  public let hiddenSize: Int
  public let layers: Int
  public let heads: Int
  public let feedForwardSize: Int
  public let vocabularySize: Int
  /// Positions that the model has embeddings for: the longest sequence, in tokens.
  public let maxPositions: Int
  public let layerNormEpsilon: Float

  public var headSize: Int { hiddenSize / heads }

  static let fileName = "config.json"

  private static let largest = (
    hiddenSize: 16_384, layers: 256, heads: 1_024, feedForwardSize: 65_536, vocabularySize: 4_000_000,
    maxPositions: 65_536
  )

  /// Whether the shape is one that config.json may have.
  var isServed: Bool {
    (1...Self.largest.hiddenSize).contains(hiddenSize) && (1...Self.largest.layers).contains(layers)
      && (1...Self.largest.heads).contains(heads) && hiddenSize.isMultiple(of: heads)
      && (1...Self.largest.feedForwardSize).contains(feedForwardSize)
      && (1...Self.largest.vocabularySize).contains(vocabularySize)
      && (2...Self.largest.maxPositions).contains(maxPositions) && (0..<1).contains(layerNormEpsilon)
  }

  /// Reads and checks config.json.
  /// - Throws: `ModelError` naming the key and the value that cannot be served.
  public init(folder: ModelFolder) throws(ModelError) {
    let path = folder.path + "/" + Self.fileName
    guard let data = try folder.data(of: Self.fileName) else {
      throw ModelError(
        file: path, reason: "the file is missing; a model folder holds config.json, a vocabulary and weights")
    }
    let file: ConfigurationFile
    do {
      file = try JSONDecoder().decode(ConfigurationFile.self, from: Data(data))
    } catch {
      throw ModelError(file: path, reason: Self.explain(error))
    }
    try self.init(file, path: path)
  }

  private init(_ file: ConfigurationFile, path: String) throws(ModelError) {
    func positive(_ key: String, _ value: Int?, upTo limit: Int) throws(ModelError) -> Int {
      guard let value else { throw ModelError(file: path, entry: key, reason: "the key is missing") }
      guard value >= 1, value <= limit else {
        throw ModelError(file: path, entry: key, reason: "\(value) is outside 1 … \(limit)")
      }
      return value
    }
    if let type = file.modelType, type != "bert" {
      throw ModelError(file: path, entry: "model_type", reason: "\"\(type)\" is not supported; only BERT encoders are")
    }
    hiddenSize = try positive("hidden_size", file.hiddenSize, upTo: Self.largest.hiddenSize)
    layers = try positive("num_hidden_layers", file.layers, upTo: Self.largest.layers)
    heads = try positive("num_attention_heads", file.heads, upTo: Self.largest.heads)
    feedForwardSize = try positive("intermediate_size", file.feedForwardSize, upTo: Self.largest.feedForwardSize)
    vocabularySize = try positive("vocab_size", file.vocabularySize, upTo: Self.largest.vocabularySize)
    maxPositions = try positive("max_position_embeddings", file.maxPositions ?? 512, upTo: Self.largest.maxPositions)
    guard hiddenSize.isMultiple(of: heads) else {
      throw ModelError(
        file: path, entry: "num_attention_heads", reason: "\(heads) heads do not divide hidden_size \(hiddenSize)")
    }
    guard maxPositions >= 2 else {
      throw ModelError(file: path, entry: "max_position_embeddings", reason: "1 leaves no room for [CLS] and [SEP]")
    }
    layerNormEpsilon = Float(file.layerNormEpsilon ?? 1e-12)
    guard layerNormEpsilon >= 0, layerNormEpsilon < 1 else {
      throw ModelError(file: path, entry: "layer_norm_eps", reason: "\(layerNormEpsilon) is outside 0 … 1")
    }
    let activation = file.activation ?? "gelu"
    guard activation == "gelu" else {
      throw ModelError(
        file: path, entry: "hidden_act",
        reason: "the activation \"\(activation)\" is not supported; \"gelu\" (exact, by erf) is")
    }
    let positions = file.positionEmbeddingType ?? "absolute"
    guard positions == "absolute" else {
      throw ModelError(
        file: path, entry: "position_embedding_type",
        reason: "\"\(positions)\" is not supported; \"absolute\" (learned positions) is")
    }
    if file.isDecoder == true {
      throw ModelError(file: path, entry: "is_decoder", reason: "true is not supported; only encoders are")
    }
  }

  private static func explain(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "not valid JSON" }
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      let key = context.codingPath.map(\.stringValue).joined(separator: ".")
      return key.isEmpty ? "not a JSON object" : "\(key) has the wrong type"
    default: return "not valid JSON"
    }
  }
}

/// config.json as it lies in the file.
private struct ConfigurationFile: Decodable {
  var modelType, activation, positionEmbeddingType: String?
  var hiddenSize, layers, heads, feedForwardSize, vocabularySize, maxPositions: Int?
  var layerNormEpsilon: Double?
  var isDecoder: Bool?

  enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case activation = "hidden_act"
    case positionEmbeddingType = "position_embedding_type"
    case hiddenSize = "hidden_size"
    case layers = "num_hidden_layers"
    case heads = "num_attention_heads"
    case feedForwardSize = "intermediate_size"
    case vocabularySize = "vocab_size"
    case maxPositions = "max_position_embeddings"
    case layerNormEpsilon = "layer_norm_eps"
    case isDecoder = "is_decoder"
  }
}
