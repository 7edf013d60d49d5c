import Checkpoint
import Tensor

/// The query, key, value and output projections of one attention sub-layer.
struct AttentionWeights<Linear: LinearLayer>: Sendable {
  /// 3 hidden × hidden: the rows of query, then key, then value, so that one multiplication computes all three.
  let queryKeyValue: Linear
  let output: Linear
}

/// One feed-forward network with its final layer norm.
struct FeedForwardWeights<Linear: LinearLayer>: Sendable {
  let intermediate: Linear
  let output: Linear
  let norm: LayerNormWeights
}

/// One Transformer layer. Lists have one element per expert, or one in all if the sub-layer is shared.
struct LayerWeights<Linear: LinearLayer>: Sendable {
  let attention: [AttentionWeights<Linear>]
  let attentionNorm: LayerNormWeights
  let feedForward: [FeedForwardWeights<Linear>]
  /// Bottlenecks by expert; empty if no expert has one after the attention.
  let attentionBottlenecks: [BottleneckWeights<Linear>?]
  /// Bottlenecks by expert; empty if no expert has one after the feed-forward network.
  let outputBottlenecks: [BottleneckWeights<Linear>?]

  /// All bottlenecks with their places.
  func bottlenecks(inLayer layer: Int) -> [(BottleneckSite, BottleneckWeights<Linear>)] {
    [(Bottleneck.Place.attention, attentionBottlenecks), (.output, outputBottlenecks)].flatMap { place, bottlenecks in
      bottlenecks.enumerated().compactMap { expert, weights in
        weights.map { (BottleneckSite(layer: layer, place: place, expert: expert), $0) }
      }
    }
  }
}

/// All weights of one encoder, in the form of its arithmetic.
struct EncoderWeights<Linear: LinearLayer, Words: WordTable>: Sendable {
  /// vocabulary × hidden.
  let words: Words
  /// positions × hidden, with the embedding of token type 0 added. For models that read pairs, the same number of rows
  /// again, with the embedding of type 1.
  let positions: WeightTable
  let embeddingNorm: LayerNormWeights
  let layers: [LayerWeights<Linear>]
}

extension EncoderWeights {
  /// The number of values in all weights.
  var parameterCount: Int {
    func count(_ norm: LayerNormWeights) -> Int { 2 * norm.gamma.columns }
    let embeddings = (words.rows + positions.rows) * words.columns + count(embeddingNorm)
    return layers.enumerated().reduce(embeddings) { sum, indexed in
      let (index, layer) = indexed
      let attention = layer.attention.reduce(0) { $0 + $1.queryKeyValue.parameterCount + $1.output.parameterCount }
      let feedForward = layer.feedForward.reduce(0) {
        $0 + $1.intermediate.parameterCount + $1.output.parameterCount + count($1.norm)
      }
      let bottlenecks = layer.bottlenecks(inLayer: index).reduce(0) { sum, bottleneck in
        let weights = bottleneck.1
        return sum + weights.down.parameterCount + weights.up.parameterCount
          + [weights.normBefore, weights.normAfter].compactMap(\.self).reduce(0) { $0 + count($1) }
      }
      return sum + attention + count(layer.attentionNorm) + feedForward + bottlenecks
    }
  }

  /// Collects an encoder's parts.
  /// - Throws: `ModelError` for a part that is missing, has the wrong shape or is not finite.
  init(_ shape: EncoderShape, from source: some WeightsSource) throws(ModelError) {
    let configuration = shape.configuration
    let hidden = configuration.hiddenSize
    words = try source.words(rows: configuration.vocabularySize, columns: hidden)
    positions = try source.positions(rows: shape.positionRows, columns: hidden)
    embeddingNorm = try source.layerNorm(.embeddingNorm, width: hidden, epsilon: configuration.layerNormEpsilon)
    var layers: [LayerWeights<Linear>] = []
    for index in 0..<configuration.layers {
      layers.append(try Self.layer(index, of: shape, from: source))
    }
    self.layers = layers
  }

  private static func layer(
    _ index: Int, of shape: EncoderShape, from source: some WeightsSource
  ) throws(ModelError) -> LayerWeights<Linear> {
    let configuration = shape.configuration
    let (hidden, wide) = (configuration.hiddenSize, configuration.feedForwardSize)
    func norm(_ part: EncoderPart) throws(ModelError) -> LayerNormWeights {
      try source.layerNorm(part, width: hidden, epsilon: configuration.layerNormEpsilon)
    }
    var attention: [AttentionWeights<Linear>] = []
    for expert in ExpertIndex.all(of: shape.layout.attentionExperts(inLayer: index)) {
      attention.append(
        AttentionWeights(
          queryKeyValue: try source.linear(.queryKeyValue(layer: index, expert), outputs: 3 * hidden, inputs: hidden),
          output: try source.linear(.attentionOutput(layer: index, expert), outputs: hidden, inputs: hidden)))
    }
    var feedForward: [FeedForwardWeights<Linear>] = []
    for expert in ExpertIndex.all(of: shape.layout.feedForwardExperts(inLayer: index)) {
      feedForward.append(
        FeedForwardWeights(
          intermediate: try source.linear(.intermediate(layer: index, expert), outputs: wide, inputs: hidden),
          output: try source.linear(.output(layer: index, expert), outputs: hidden, inputs: wide),
          norm: try norm(.outputNorm(layer: index, expert))))
    }
    return LayerWeights(
      attention: attention, attentionNorm: try norm(.attentionNorm(layer: index)), feedForward: feedForward,
      attentionBottlenecks: try bottlenecks(.attention, inLayer: index, of: shape, from: source),
      outputBottlenecks: try bottlenecks(.output, inLayer: index, of: shape, from: source))
  }

  private static func bottlenecks(
    _ place: Bottleneck.Place, inLayer layer: Int, of shape: EncoderShape, from source: some WeightsSource
  ) throws(ModelError) -> [BottleneckWeights<Linear>?] {
    let sites = shape.layout.bottlenecks(place, inLayer: layer)
    guard !sites.isEmpty else { return [] }
    let hidden = shape.configuration.hiddenSize
    func norm(_ part: EncoderPart) throws(ModelError) -> LayerNormWeights {
      try source.layerNorm(part, width: hidden, epsilon: Bottleneck.layerNormEpsilon)
    }
    var all = [BottleneckWeights<Linear>?](repeating: nil, count: shape.layout.experts)
    for (site, width) in sites {
      guard let form = shape.layout.bottlenecks[site.expert] else { continue }
      all[site.expert] = BottleneckWeights(
        form: form,
        down: try source.linear(.bottleneck(.down, site), outputs: width, inputs: hidden),
        up: try source.linear(.bottleneck(.up, site), outputs: hidden, inputs: width),
        normBefore: form.normalizesInput ? try norm(.bottleneck(.normBefore, site)) : nil,
        normAfter: form.normalizesOutput ? try norm(.bottleneck(.normAfter, site)) : nil)
    }
    return all
  }
}
