import Checkpoint

/// Which parts of an encoder its experts share, and which each expert has for itself.
///
/// Passes use lists of weights with one element per expert, or one in all. They do not know the kind of an expert: its
/// own sub-layers (SciMult's experts, or shared sub-layers with a low-rank adapter merged in), or bottlenecks after
/// shared sub-layers.
public struct ExpertLayout: Sendable, Equatable, Codable {
  /// 1 when the encoder has no experts.
  public let experts: Int
  /// `moe_type`, if a SciMult checkpoint defines the layout.
  public let rule: String?
  /// Layers, ascending, from 0, with query, key, value and attention-output projections per expert (their layer norm is
  /// shared).
  public let attentionLayers: [Int]
  /// Layers with a feed-forward network and its layer norm per expert.
  public let feedForwardLayers: [Int]
  /// Bottlenecks by expert, nil for an expert without one; empty if no expert has one.
  public let bottlenecks: [Bottleneck?]

  init(
    experts: Int = 1, rule: String? = nil, attentionLayers: [Int] = [], feedForwardLayers: [Int] = [],
    bottlenecks: [Bottleneck?] = []
  ) {
    self.experts = experts
    self.rule = rule
    self.attentionLayers = attentionLayers
    self.feedForwardLayers = feedForwardLayers
    self.bottlenecks = bottlenecks.contains { $0 != nil } ? bottlenecks : []
  }

  /// An encoder without experts.
  public static let vanilla = ExpertLayout()

  /// The layers with any part per expert, ascending, from 0.
  public var layers: [Int] {
    let bottlenecks = bottlenecks.compactMap(\.self).flatMap { bottleneck in
      bottleneck.widths.values.flatMap { widths in widths.indices.filter { widths[$0] > 0 } }
    }
    return Set(attentionLayers + feedForwardLayers + bottlenecks).sorted()
  }

  /// The width of the widest bottleneck; 0 if there is none.
  var widestBottleneck: Int { bottlenecks.lazy.compactMap { $0?.widest }.max() ?? 0 }

  /// Whether the layout fits an encoder with this number of layers.
  func isServed(layers layerCount: Int) -> Bool {
    (1...Self.expertsMax).contains(experts) && (bottlenecks.isEmpty || bottlenecks.count == experts)
      && (attentionLayers + feedForwardLayers).allSatisfy { (0..<layerCount).contains($0) }
      && bottlenecks.allSatisfy { $0?.isServed(layers: layerCount) ?? true }
  }

  static let expertsMax = 256

  /// The number of experts with their own attention in the layer with this index, from 0; 1 if it is shared.
  func attentionExperts(inLayer layer: Int) -> Int { attentionLayers.contains(layer) ? experts : 1 }

  /// The number of experts with their own feed-forward network in the layer with this index, from 0; 1 if it is shared.
  func feedForwardExperts(inLayer layer: Int) -> Int { feedForwardLayers.contains(layer) ? experts : 1 }

  /// The bottlenecks after a sub-layer, with their widths.
  func bottlenecks(_ place: Bottleneck.Place, inLayer layer: Int) -> [(site: BottleneckSite, width: Int)] {
    bottlenecks.enumerated().compactMap { expert, bottleneck in
      bottleneck.width(place, layer: layer).map { (BottleneckSite(layer: layer, place: place, expert: expert), $0) }
    }
  }
}

extension ExpertLayout {
  /// Reads the layout from a checkpoint's `encoder_params`.
  /// - Throws: `ModelError` for a layout that cannot be served: gates, token-level routing, an unknown rule, a rule
  ///   that matches no layer, or a number of experts that does not match the tasks.
  init(parameters: EncoderParameters, layers layerCount: Int) throws(ModelError) {
    guard try parameters.bool("use_moe") ?? false else {
      self = .vanilla
      return
    }
    guard let rule = try parameters.string("moe_type") else {
      throw parameters.refusal("moe_type", "the key is missing, and use_moe is true")
    }
    let pieces = rule.split(separator: ":", omittingEmptySubsequences: false)
    guard pieces.count >= 2 else {
      throw parameters.refusal("moe_type", "\"\(rule)\" has no colon; expected <rule>:<parts>, such as mod2:attn")
    }
    guard let hits = Self.rules[String(pieces[0])] else {
      let known = Self.rules.keys.sorted().joined(separator: ", ")
      throw parameters.refusal("moe_type", "the rule \"\(pieces[0])\" is unknown; known are \(known)")
    }
    let parts = pieces[1]
    guard !parts.contains("tok") else {
      throw parameters.refusal("moe_type", "\"\(rule)\" routes token by token (tok), which is not served")
    }
    let chosen = (0..<layerCount).filter(hits)
    guard !chosen.isEmpty else {
      throw parameters.refusal("moe_type", "the rule \"\(pieces[0])\" hits none of the \(layerCount) layers")
    }
    let experts = try parameters.int("num_expert") ?? 1
    guard experts == Self.sciMultTasks.count else {
      throw parameters.refusal(
        "num_expert", "is \(experts), which cannot be served; the tasks map to \(Self.sciMultTasks.count) experts")
    }
    self.init(
      experts: experts, rule: rule, attentionLayers: parts.contains("attn") ? chosen : [],
      feedForwardLayers: parts.contains("fwd") ? chosen : [])
  }

  /// The tasks of a SciMult checkpoint's experts, by index. Queries and candidates share an expert (Zhang et al., arXiv
  /// 2305.14232: "single-hop-retrieval", "multi-hop-retrieval", "entity-retrieval").
  static let sciMultTasks: [EncodingTask] = [.search, .linkPrediction, .classification]

  private static let rules: [String: @Sendable (Int) -> Bool] = [
    "mod2": { ($0 + 1).isMultiple(of: 2) },
    "mod3": { ($0 + 1).isMultiple(of: 3) },
    "mod4": { ($0 + 1).isMultiple(of: 4) },
    "mod6": { ($0 + 1).isMultiple(of: 6) },
    "mod12": { ($0 + 1).isMultiple(of: 12) },
    "ge6mod3": { $0 + 1 >= 6 && ($0 + 1).isMultiple(of: 3) },
    "le7mod3": { $0 <= 6 && $0.isMultiple(of: 3) },
  ]
}
