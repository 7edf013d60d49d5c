import Checkpoint

/// Which layers of an encoder are task-specific, and what in them is kept once per expert.
///
/// A checkpoint says so in `moe_type` = `<rule>:<parts>`; the rule chooses layers by their index i from 0, the parts
/// name sub-layers. No gate: the request's task chooses the expert.
public struct ExpertLayout: Sendable, Equatable, Codable {
  /// 1 when no layer is task-specific.
  public let experts: Int
  /// `moe_type` as the checkpoint gives it; nil when no layer is task-specific.
  public let rule: String?
  /// The task-specific layers, ascending, from 0.
  public let layers: [Int]
  /// Query, key, value and attention-output projections are kept per expert (their layer norm is shared).
  public let attentionPerExpert: Bool
  /// The feed-forward network with its layer norm is kept per expert.
  public let feedForwardPerExpert: Bool

  /// A plain encoder.
  public static let vanilla = ExpertLayout(
    experts: 1, rule: nil, layers: [], attentionPerExpert: false, feedForwardPerExpert: false)

  /// Whether the layout is one of an encoder of so many layers.
  func isServed(layers layerCount: Int) -> Bool {
    (experts == 1 && layers.isEmpty || experts == EncodingTask.allCases.count)
      && layers.allSatisfy { (0..<layerCount).contains($0) }
  }

  /// Experts that keep their own attention in the layer of this index, from 0; 1 where it is shared.
  func attentionExperts(inLayer layer: Int) -> Int {
    attentionPerExpert && layers.contains(layer) ? experts : 1
  }

  /// Experts that keep their own feed-forward network in the layer of this index, from 0; 1 where it is shared.
  func feedForwardExperts(inLayer layer: Int) -> Int {
    feedForwardPerExpert && layers.contains(layer) ? experts : 1
  }
}

extension ExpertLayout {
  /// Reads the layout from a checkpoint's `encoder_params`.
  /// - Throws: `ModelError` for a layout that cannot be served: gates, token-level routing, an unknown rule, a rule
  ///   that hits no layer, a number of experts that the tasks do not map to.
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
    guard experts == EncodingTask.expertCount else {
      throw parameters.refusal(
        "num_expert", "is \(experts), which cannot be served; the tasks map to \(EncodingTask.expertCount) experts")
    }
    self.init(
      experts: experts, rule: rule, layers: chosen, attentionPerExpert: parts.contains("attn"),
      feedForwardPerExpert: parts.contains("fwd"))
  }

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
