import Checkpoint

/// The tensors of a checkpoint that serving does not read.
///
/// A tensor inside the encoder that its architecture does not have (an adapter, a low-rank product, a scale, a layer
/// beyond the number in config.json) would change the encoder's results, so it is refused. Heads for other tasks are
/// outside the encoder and are ignored.
struct UnreadTensors {
  /// Heads and other tensors outside the encoder, sorted.
  let heads: [String]

  /// The first parts of names outside an encoder whose own names have no prefix.
  private static let headNames = [
    "pooler", "cls", "classifier", "pre_classifier", "classification_head", "heads", "head", "linear", "lm_head",
    "qa_outputs", "score", "projection", "predictions", "seq_relationship", "vocab_transform", "vocab_layer_norm",
    "vocab_projector", "span_proj", "span_query", "encode_proj", "discriminator_predictions", "logit_scale",
  ]

  /// - Parameters:
  ///   - prefixes: the prefix of the names of each encoder's tensors.
  ///   - adapters: the names of tensors of adapters that are saved with the encoder.
  /// - Throws: `ModelError` with the first tensor that the encoder does not have.
  init(
    in file: WeightsFile, prefixes: some Collection<String>, configuration: Configuration, layout: ExpertLayout,
    adapters: Set<String> = []
  ) throws(ModelError) {
    let known = Self.names(configuration, layout)
    var heads: [String] = []
    for name in file.tensors.keys.sorted() where !adapters.contains(name) {
      guard let prefix = prefixes.filter(name.hasPrefix).max(by: { $0.count < $1.count }) else {
        heads.append(name)
        continue
      }
      let own = String(name.dropFirst(prefix.count))
      if known.contains(own) || EncoderFamily.withoutEffect.contains(own) { continue }
      guard Self.isHead(own) else {
        throw ModelError(
          file: file.path(of: name), entry: name,
          reason: "the encoder has no such tensor (\(configuration.family.rawValue), \(configuration.layers) layers): "
            + "an adapter or another architecture, which is not served; merge adapters into the weights first")
      }
      heads.append(name)
    }
    self.heads = heads
  }

  /// Whether a tensor's name belongs to a head outside the encoder.
  static func isHead(_ name: String) -> Bool {
    headNames.contains(String(name.prefix { $0 != "." }))
  }

  private static func names(_ configuration: Configuration, _ layout: ExpertLayout) -> Set<String> {
    let family = configuration.family
    var names: Set<String> = [EncoderFamily.wordEmbeddings, EncoderFamily.positionEmbeddings]
    if let tokenTypes = family.tokenTypeEmbeddings { names.insert(tokenTypes) }
    for part in EncoderPart.all(layers: configuration.layers, layout: layout) {
      // Files from before 2019 use gamma and beta.
      let ends = part.isNorm ? ["weight", "bias", "gamma", "beta"] : ["weight", "bias"]
      for name in family.names(of: part) { names.formUnion(ends.map { "\(name).\($0)" }) }
    }
    return names
  }
}

extension EncoderPart {
  fileprivate var isNorm: Bool {
    switch self {
    case .embeddingNorm, .attentionNorm, .outputNorm: true
    case .queryKeyValue, .attentionOutput, .intermediate, .output, .bottleneck: false
    }
  }
}
