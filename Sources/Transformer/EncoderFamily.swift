/// The architectures of encoders with this shape, and their checkpoints' names of the parts.
public enum EncoderFamily: String, Sendable, Equatable, Codable {
  case bert
  /// BERT without token types (Sanh et al., arXiv 1910.01108).
  case distilBERT = "distilbert"

  /// The prefix of the names of tensors in a checkpoint with heads outside the encoder.
  var prefix: String { rawValue + "." }

  static let wordEmbeddings = "embeddings.word_embeddings.weight"
  static let positionEmbeddings = "embeddings.position_embeddings.weight"

  /// nil if there are no token types.
  var tokenTypeEmbeddings: String? { self == .bert ? "embeddings.token_type_embeddings.weight" : nil }

  /// Tensors of an encoder that do not affect an embedding.
  static let withoutEffect = [
    "embeddings.position_ids", "embeddings.token_type_ids",
    // A second copy of the word embeddings, as the adapters library saves it.
    "prompt_tuning.base_model_embeddings.weight",
  ]

  /// The layers of a part, stacked vertically; none for a bottleneck, whose adapter has the names.
  func names(of part: EncoderPart) -> [String] {
    switch self {
    case .bert: Self.namesInBERT(of: part)
    case .distilBERT: Self.namesInDistilBERT(of: part)
    }
  }

  private static func namesInBERT(of part: EncoderPart) -> [String] {
    func layer(_ index: Int) -> String { "encoder.layer.\(index)" }
    switch part {
    case .embeddingNorm: return ["embeddings.LayerNorm"]
    case .queryKeyValue(let index, .shared):
      return ["query", "key", "value"].map { "\(layer(index)).attention.self.\($0)" }
    case .queryKeyValue(let index, .expert(let expert)):
      return ["query", "key", "value"].map { "\(layer(index)).attention.self.moe_\($0).\(expert)" }
    case .attentionOutput(let index, .shared): return ["\(layer(index)).attention.output.dense"]
    case .attentionOutput(let index, .expert(let expert)):
      return ["\(layer(index)).attention.output.moe_dense.\(expert)"]
    case .attentionNorm(let index): return ["\(layer(index)).attention.output.LayerNorm"]
    case .intermediate(let index, .shared): return ["\(layer(index)).intermediate.dense"]
    case .intermediate(let index, .expert(let expert)):
      return ["\(layer(index)).moe_layer.interm_layers.\(expert).dense"]
    case .output(let index, .shared): return ["\(layer(index)).output.dense"]
    case .output(let index, .expert(let expert)): return ["\(layer(index)).moe_layer.output_layers.\(expert).dense"]
    case .outputNorm(let index, .shared): return ["\(layer(index)).output.LayerNorm"]
    case .outputNorm(let index, .expert(let expert)):
      return ["\(layer(index)).moe_layer.output_layers.\(expert).LayerNorm"]
    case .bottleneck: return []
    }
  }

  /// SciMult's checkpoints name experts only with BERT's names, so there are none here.
  private static func namesInDistilBERT(of part: EncoderPart) -> [String] {
    func layer(_ index: Int) -> String { "transformer.layer.\(index)" }
    switch part {
    case .embeddingNorm: return ["embeddings.LayerNorm"]
    case .queryKeyValue(let index, _): return ["q_lin", "k_lin", "v_lin"].map { "\(layer(index)).attention.\($0)" }
    case .attentionOutput(let index, _): return ["\(layer(index)).attention.out_lin"]
    case .attentionNorm(let index): return ["\(layer(index)).sa_layer_norm"]
    case .intermediate(let index, _): return ["\(layer(index)).ffn.lin1"]
    case .output(let index, _): return ["\(layer(index)).ffn.lin2"]
    case .outputNorm(let index, _): return ["\(layer(index)).output_layer_norm"]
    case .bottleneck: return []
    }
  }
}

extension EncoderPart {
  /// The expert with its own copy of the part; nil if all experts share it.
  var expert: Int? {
    switch self {
    case .embeddingNorm, .attentionNorm: nil
    case .queryKeyValue(_, let index), .attentionOutput(_, let index), .intermediate(_, let index),
      .output(_, let index), .outputNorm(_, let index):
      if case .expert(let expert) = index { expert } else { nil }
    case .bottleneck(_, let site): site.expert
    }
  }

  /// The shared part for this expert's part.
  var shared: EncoderPart {
    switch self {
    case .embeddingNorm, .attentionNorm, .bottleneck: self
    case .queryKeyValue(let layer, _): .queryKeyValue(layer: layer, .shared)
    case .attentionOutput(let layer, _): .attentionOutput(layer: layer, .shared)
    case .intermediate(let layer, _): .intermediate(layer: layer, .shared)
    case .output(let layer, _): .output(layer: layer, .shared)
    case .outputNorm(let layer, _): .outputNorm(layer: layer, .shared)
    }
  }

  /// All parts of an encoder, except for its embedding tables and bottlenecks.
  static func all(layers: Int, layout: ExpertLayout) -> [EncoderPart] {
    [.embeddingNorm]
      + (0..<layers).flatMap { layer -> [EncoderPart] in
        ExpertIndex.all(of: layout.attentionExperts(inLayer: layer)).flatMap {
          [.queryKeyValue(layer: layer, $0), .attentionOutput(layer: layer, $0)]
        } + [.attentionNorm(layer: layer)]
          + ExpertIndex.all(of: layout.feedForwardExperts(inLayer: layer)).flatMap {
            [.intermediate(layer: layer, $0), .output(layer: layer, $0), .outputNorm(layer: layer, $0)]
          }
      }
  }
}
