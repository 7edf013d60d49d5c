import Checkpoint
import Tensor

/// The query, key, value and output projections of one attention sub-layer.
struct AttentionWeights: Sendable {
  /// 3 hidden × hidden: the rows of query, then key, then value, so that one multiplication makes all three.
  let queryKeyValue: DenseWeights
  let output: DenseWeights
}

/// One feed-forward network with the layer norm that closes it.
struct FeedForwardWeights: Sendable {
  let intermediate: DenseWeights
  let output: DenseWeights
  let norm: LayerNormWeights
}

/// One Transformer layer; lists hold one element per expert, or one in all where the sub-layer is shared.
struct LayerWeights: Sendable {
  let attention: [AttentionWeights]
  let attentionNorm: LayerNormWeights
  let feedForward: [FeedForwardWeights]
}

/// All that one encoder reads.
struct EncoderWeights: Sendable {
  /// vocabulary × hidden.
  let words: WeightTable
  /// positions × hidden; the embedding of token type 0, which every token has, is added in.
  let positions: WeightTable
  let embeddingNorm: LayerNormWeights
  let layers: [LayerWeights]
}

extension EncoderWeights {
  var parameterCount: Int {
    func count(_ table: WeightTable) -> Int { table.rows * table.columns }
    func count(_ norm: LayerNormWeights) -> Int { count(norm.gamma) + count(norm.beta) }
    let embeddings = count(words) + count(positions) + count(embeddingNorm)
    return layers.reduce(embeddings) { sum, layer in
      let attention = layer.attention.reduce(0) { $0 + $1.queryKeyValue.parameterCount + $1.output.parameterCount }
      let feedForward = layer.feedForward.reduce(0) {
        $0 + $1.intermediate.parameterCount + $1.output.parameterCount + count($1.norm)
      }
      return sum + attention + count(layer.attentionNorm) + feedForward
    }
  }

  /// Reads an encoder whose tensors' names start with `prefix`.
  /// - Throws: ``ModelError`` for a tensor that is missing, misshapen or not finite.
  init(_ blueprint: ModelBlueprint, prefix: String) throws(ModelError) {
    let configuration = blueprint.configuration
    let reader = WeightsReader(file: blueprint.weights, prefix: prefix, configuration: configuration)
    let hidden = configuration.hiddenSize
    words = try reader.table("embeddings.word_embeddings.weight", configuration.vocabularySize, hidden)
    let tokenType = try reader.firstRow(of: "embeddings.token_type_embeddings.weight", columns: hidden)
    positions = try reader.table("embeddings.position_embeddings.weight", configuration.maxPositions, hidden) {
      for index in $0.indices { $0[index] += tokenType[index % hidden] }
    }
    embeddingNorm = try reader.layerNorm("embeddings.LayerNorm")
    var layers: [LayerWeights] = []
    for index in 0..<configuration.layers {
      layers.append(try reader.layer(index, layout: blueprint.layout))
    }
    self.layers = layers
  }
}

/// Reads tensors by name and checks their shapes.
private struct WeightsReader {
  let file: WeightsFile
  let prefix: String
  let configuration: Configuration

  func layer(_ index: Int, layout: ExpertLayout) throws(ModelError) -> LayerWeights {
    let layer = "encoder.layer.\(index)"
    return LayerWeights(
      attention: try attention(layer, experts: layout.attentionExperts(inLayer: index)),
      attentionNorm: try layerNorm("\(layer).attention.output.LayerNorm"),
      feedForward: try feedForward(layer, experts: layout.feedForwardExperts(inLayer: index)))
  }

  private func attention(_ layer: String, experts: Int) throws(ModelError) -> [AttentionWeights] {
    let hidden = configuration.hiddenSize
    guard experts > 1 else {
      let names = ["query", "key", "value"].map { "\(layer).attention.self.\($0)" }
      let output = try dense("\(layer).attention.output.dense", inputs: hidden, outputs: hidden)
      return [AttentionWeights(queryKeyValue: try stacked(names), output: output)]
    }
    var all: [AttentionWeights] = []
    for expert in 0..<experts {
      let names = ["query", "key", "value"].map { "\(layer).attention.self.moe_\($0).\(expert)" }
      let output = try dense("\(layer).attention.output.moe_dense.\(expert)", inputs: hidden, outputs: hidden)
      all.append(AttentionWeights(queryKeyValue: try stacked(names), output: output))
    }
    return all
  }

  private func feedForward(_ layer: String, experts: Int) throws(ModelError) -> [FeedForwardWeights] {
    guard experts > 1 else {
      return [try feedForward(intermediate: "\(layer).intermediate.dense", output: "\(layer).output")]
    }
    var all: [FeedForwardWeights] = []
    for expert in 0..<experts {
      let experts = "\(layer).moe_layer"
      all.append(
        try feedForward(
          intermediate: "\(experts).interm_layers.\(expert).dense", output: "\(experts).output_layers.\(expert)"))
    }
    return all
  }

  private func feedForward(intermediate: String, output: String) throws(ModelError) -> FeedForwardWeights {
    let hidden = configuration.hiddenSize
    let wide = configuration.feedForwardSize
    return FeedForwardWeights(
      intermediate: try dense(intermediate, inputs: hidden, outputs: wide),
      output: try dense("\(output).dense", inputs: wide, outputs: hidden),
      norm: try layerNorm("\(output).LayerNorm"))
  }

  /// Square linear layers laid below each other.
  private func stacked(_ names: [String]) throws(ModelError) -> DenseWeights {
    let hidden = configuration.hiddenSize
    for name in names {
      try checkShape("\(name).weight", [hidden, hidden])
      try checkShape("\(name).bias", [hidden])
    }
    let weight = try WeightTable(rows: names.count * hidden, columns: hidden) { values throws(ModelError) in
      for (index, name) in names.enumerated() {
        let rows = index * hidden * hidden..<(index + 1) * hidden * hidden
        try read("\(name).weight", into: UnsafeMutableBufferPointer(rebasing: values[rows]))
      }
    }
    let bias = try WeightTable(rows: 1, columns: names.count * hidden) { values throws(ModelError) in
      for (index, name) in names.enumerated() {
        let columns = index * hidden..<(index + 1) * hidden
        try read("\(name).bias", into: UnsafeMutableBufferPointer(rebasing: values[columns]))
      }
    }
    return DenseWeights(weight: weight, bias: bias)
  }

  private func dense(_ name: String, inputs: Int, outputs: Int) throws(ModelError) -> DenseWeights {
    DenseWeights(weight: try table("\(name).weight", outputs, inputs), bias: try vector("\(name).bias", outputs))
  }

  func layerNorm(_ name: String) throws(ModelError) -> LayerNormWeights {
    // Files from before 2019 say gamma and beta.
    let old = file.tensors["\(prefix)\(name).weight"] == nil && file.tensors["\(prefix)\(name).gamma"] != nil
    return LayerNormWeights(
      gamma: try vector(name + (old ? ".gamma" : ".weight"), configuration.hiddenSize),
      beta: try vector(name + (old ? ".beta" : ".bias"), configuration.hiddenSize),
      epsilon: configuration.layerNormEpsilon)
  }

  func table(
    _ name: String, _ rows: Int, _ columns: Int, then adjust: (UnsafeMutableBufferPointer<Float>) -> Void = { _ in }
  ) throws(ModelError) -> WeightTable {
    try checkShape(name, [rows, columns])
    return try WeightTable(rows: rows, columns: columns) { values throws(ModelError) in
      try read(name, into: values)
      adjust(values)
    }
  }

  private func vector(_ name: String, _ count: Int) throws(ModelError) -> WeightTable {
    try checkShape(name, [count])
    return try WeightTable(rows: 1, columns: count) { values throws(ModelError) in try read(name, into: values) }
  }

  func firstRow(of name: String, columns: Int) throws(ModelError) -> [Float] {
    let full = prefix + name
    guard let tensor = file.tensors[full] else { throw missing(full) }
    guard tensor.shape.count == 2, tensor.shape[0] >= 1, tensor.shape[1] == columns else {
      throw ModelError(
        file: file.path, entry: full,
        reason: "has the shape \(tensor.shape); config.json asks for [1 or more, \(columns)]")
    }
    return Array(try file.readFloats(full)[..<columns])
  }

  /// Makes sure that the file holds as much as is about to be asked for, before memory is taken for it.
  private func checkShape(_ name: String, _ shape: [Int]) throws(ModelError) {
    let full = prefix + name
    guard let tensor = file.tensors[full] else { throw missing(full) }
    guard tensor.shape == shape else {
      throw ModelError(
        file: file.path, entry: full, reason: "has the shape \(tensor.shape); config.json asks for \(shape)")
    }
  }

  private func read(_ name: String, into values: UnsafeMutableBufferPointer<Float>) throws(ModelError) {
    try file.readFloats(prefix + name, into: values)
  }

  private func missing(_ name: String) -> ModelError {
    ModelError(file: file.path, entry: name, reason: "the tensor is missing")
  }
}
