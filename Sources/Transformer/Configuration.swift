import Checkpoint

/// The shape of a BERT encoder, from config.json.
public struct Configuration: Sendable, Equatable, Codable {
  public let family: EncoderFamily
  public let hiddenSize: Int
  public let layers: Int
  public let heads: Int
  public let feedForwardSize: Int
  public let vocabularySize: Int
  /// The number of positions with embeddings: the longest sequence, in tokens.
  public let maxPositions: Int
  /// The number of token types with embeddings; 0 if there are none.
  public let tokenTypes: Int
  public let layerNormEpsilon: Float
  public let activation: Activation

  public var headSize: Int { hiddenSize / heads }

  /// The first difference from another shape, with both values: "hidden_size is 8, and 4"; nil if there is none.
  func difference(from other: Configuration) -> String? {
    guard self != other else { return nil }
    let pairs: [(String, String, String)] = [
      ("model_type", family.rawValue, other.family.rawValue),
      ("hidden_size", "\(hiddenSize)", "\(other.hiddenSize)"),
      ("num_hidden_layers", "\(layers)", "\(other.layers)"),
      ("num_attention_heads", "\(heads)", "\(other.heads)"),
      ("intermediate_size", "\(feedForwardSize)", "\(other.feedForwardSize)"),
      ("vocab_size", "\(vocabularySize)", "\(other.vocabularySize)"),
      ("max_position_embeddings", "\(maxPositions)", "\(other.maxPositions)"),
      ("type_vocab_size", "\(tokenTypes)", "\(other.tokenTypes)"),
      ("layer_norm_eps", "\(layerNormEpsilon)", "\(other.layerNormEpsilon)"),
      ("hidden_act", activation.rawValue, other.activation.rawValue),
    ]
    return pairs.first { $1 != $2 }.map { "\($0) is \($1), and \($2)" }
  }

  static let fileName = "config.json"

  private static let largest = (
    hiddenSize: 16_384, layers: 256, heads: 1_024, feedForwardSize: 65_536, vocabularySize: 4_000_000,
    maxPositions: 65_536, tokenTypes: 1_024
  )

  /// Whether config.json may describe this shape.
  var isServed: Bool {
    (1...Self.largest.hiddenSize).contains(hiddenSize) && (1...Self.largest.layers).contains(layers)
      && (1...Self.largest.heads).contains(heads) && hiddenSize.isMultiple(of: heads)
      && (1...Self.largest.feedForwardSize).contains(feedForwardSize)
      && (1...Self.largest.vocabularySize).contains(vocabularySize)
      && (2...Self.largest.maxPositions).contains(maxPositions) && (0..<1).contains(layerNormEpsilon)
      && (0...Self.largest.tokenTypes).contains(tokenTypes)
  }

  /// Reads and checks config.json.
  /// - Throws: `ModelError` with the key and the value that cannot be served.
  public init(folder: ModelFolder) throws(ModelError) {
    guard let file = try folder.json(Self.fileName) else {
      throw ModelError(
        file: folder.path(of: Self.fileName),
        reason: "the file is missing; a model folder holds config.json, a vocabulary and weights")
    }
    try self.init(file)
  }

  private init(_ file: ModelSettings) throws(ModelError) {
    try Self.refuseOtherArchitectures(file)
    family = try Self.family(file)
    let names = Names(family)
    func required(_ key: String, upTo limit: Int) throws(ModelError) -> Int {
      guard let value = try file.int(key, in: 1...limit) else { throw file.refusal(key, "the key is missing") }
      return value
    }
    hiddenSize = try required(names.hiddenSize, upTo: Self.largest.hiddenSize)
    layers = try required(names.layers, upTo: Self.largest.layers)
    heads = try required(names.heads, upTo: Self.largest.heads)
    feedForwardSize = try required(names.feedForwardSize, upTo: Self.largest.feedForwardSize)
    vocabularySize = try required("vocab_size", upTo: Self.largest.vocabularySize)
    maxPositions = try file.int("max_position_embeddings", in: 2...Self.largest.maxPositions) ?? 512
    tokenTypes = family == .distilBERT ? 0 : try file.int("type_vocab_size", in: 1...Self.largest.tokenTypes) ?? 2
    guard hiddenSize.isMultiple(of: heads) else {
      throw file.refusal(names.heads, "\(heads) heads do not divide \(names.hiddenSize) \(hiddenSize)")
    }
    // DistilBERT's code fixes the value, whatever the file says.
    layerNormEpsilon =
      family == .distilBERT ? 1e-12 : Float(try file.double("layer_norm_eps", in: 0...0.999) ?? 1e-12)
    let name = try file.string(names.activation) ?? "gelu"
    guard let activation = Activation(name: name) else {
      throw file.refusal(
        names.activation, "the activation \"\(name)\" is not supported; supported are \(Activation.names)")
    }
    self.activation = activation
  }

  private static func family(_ file: ModelSettings) throws(ModelError) -> EncoderFamily {
    guard let type = try file.string("model_type") else { return .bert }
    guard let family = EncoderFamily(rawValue: type) else {
      throw file.refusal("model_type", "\"\(type)\" is not supported; BERT encoders are (bert, distilbert)")
    }
    return family
  }

  /// Refuses keys of config.json that make transformers build or load another model than the plain encoder.
  private static func refuseOtherArchitectures(_ file: ModelSettings) throws(ModelError) {
    if file.value("quantization_config") != nil {
      throw file.refusal(
        "quantization_config", "quantised weights are not served; save the model in fp32, fp16 or bf16")
    }
    if let map = try file.object("auto_map"), !map.keys.isEmpty {
      throw file.refusal("auto_map", "the model is computed by code of its own (\(map.keys[0])), which is never run")
    }
    let positions = try file.string("position_embedding_type") ?? "absolute"
    guard positions == "absolute" else {
      throw file.refusal(
        "position_embedding_type", "\"\(positions)\" is not supported; \"absolute\" (learned positions) is")
    }
    for key in ["is_decoder", "add_cross_attention", "is_encoder_decoder"] where try file.bool(key) == true {
      throw file.refusal(key, "true is not supported; only encoders are")
    }
    if let pruned = try file.object("pruned_heads"), !pruned.keys.isEmpty {
      throw file.refusal("pruned_heads", "layers with fewer heads than others are not supported")
    }
  }

  /// The names of the sizes in config.json.
  private struct Names {
    let hiddenSize: String
    let layers: String
    let heads: String
    let feedForwardSize: String
    let activation: String

    init(_ family: EncoderFamily) {
      switch family {
      case .bert:
        (hiddenSize, layers, heads) = ("hidden_size", "num_hidden_layers", "num_attention_heads")
        (feedForwardSize, activation) = ("intermediate_size", "hidden_act")
      case .distilBERT:
        (hiddenSize, layers, heads) = ("dim", "n_layers", "n_heads")
        (feedForwardSize, activation) = ("hidden_dim", "activation")
      }
    }
  }
}
