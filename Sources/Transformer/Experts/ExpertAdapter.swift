/// The adapter that turns a shared encoder into an expert.
enum ExpertAdapter: Sendable {
  case bottleneck(BottleneckTensors)
  case lowRank(LowRankAdapter)
}

extension ExpertLayout {
  /// The layout of an encoder with adapters.
  /// - Parameter adapters: the adapters by expert; nil for the encoder without an adapter.
  init(_ adapters: [ExpertAdapter?], configuration: Configuration) {
    let family = configuration.family
    /// Whether an adapter is merged into any of these parts, so that each expert needs its own copy.
    func isChanged(_ parts: [EncoderPart]) -> Bool {
      adapters.contains { adapter in
        guard case .lowRank(let lowRank)? = adapter else { return false }
        return parts.contains { family.names(of: $0).contains(where: lowRank.changes) }
      }
    }
    let layers = adapters.count > 1 ? Array(0..<configuration.layers) : []
    self.init(
      experts: adapters.count,
      attentionLayers: layers.filter {
        isChanged([.queryKeyValue(layer: $0, .shared), .attentionOutput(layer: $0, .shared)])
      },
      feedForwardLayers: layers.filter {
        isChanged([
          .intermediate(layer: $0, .shared), .output(layer: $0, .shared), .outputNorm(layer: $0, .shared),
        ])
      },
      bottlenecks: adapters.map { adapter in
        if case .bottleneck(let tensors)? = adapter { tensors.form } else { nil }
      })
  }
}
