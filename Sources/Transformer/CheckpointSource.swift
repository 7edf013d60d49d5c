import Checkpoint
import Tensor

/// Reads an encoder's parts from a checkpoint, by the names that PyTorch gave its tensors, and checks their shapes.
struct CheckpointSource: WeightsSource {
  let file: WeightsFile
  /// What the names of the encoder's tensors start with.
  let prefix: String

  func words<Words: WordTable>(rows: Int, columns: Int) throws(ModelError) -> Words {
    Words(try table("embeddings.word_embeddings.weight", rows, columns))
  }

  func positions(rows: Int, columns: Int) throws(ModelError) -> WeightTable {
    let tokenType = try firstRow(of: "embeddings.token_type_embeddings.weight", columns: columns)
    return try table("embeddings.position_embeddings.weight", rows, columns) {
      for index in $0.indices { $0[index] += tokenType[index % columns] }
    }
  }

  func linear<Linear: LinearLayer>(
    _ part: EncoderPart, outputs: Int, inputs: Int
  ) throws(ModelError) -> Linear {
    let names = Self.names(of: part)
    let rows = outputs / names.count
    for name in names {
      try checkShape("\(name).weight", [rows, inputs])
      try checkShape("\(name).bias", [rows])
    }
    return Linear(
      weight: try stacked(names.map { "\($0).weight" }, rows: outputs, columns: inputs),
      bias: try stacked(names.map { "\($0).bias" }, rows: 1, columns: outputs))
  }

  func layerNorm(_ part: EncoderPart, width: Int, epsilon: Float) throws(ModelError) -> LayerNormWeights {
    let name = Self.names(of: part)[0]
    // Files from before 2019 say gamma and beta.
    let old = file.tensors["\(prefix)\(name).weight"] == nil && file.tensors["\(prefix)\(name).gamma"] != nil
    return LayerNormWeights(
      gamma: try vector(name + (old ? ".gamma" : ".weight"), width),
      beta: try vector(name + (old ? ".beta" : ".bias"), width),
      epsilon: epsilon)
  }

  /// The layers that make up a part, laid below each other.
  private static func names(of part: EncoderPart) -> [String] {
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
    }
  }

  /// Tensors of one size, laid end to end.
  private func stacked(_ names: [String], rows: Int, columns: Int) throws(ModelError) -> WeightTable {
    let count = rows * columns / names.count
    return try WeightTable(rows: rows, columns: columns) { values throws(ModelError) in
      for (index, name) in names.enumerated() {
        let part = index * count..<(index + 1) * count
        try file.readFloats(prefix + name, into: UnsafeMutableBufferPointer(rebasing: values[part]))
      }
    }
  }

  private func table(
    _ name: String, _ rows: Int, _ columns: Int, then adjust: (UnsafeMutableBufferPointer<Float>) -> Void = { _ in }
  ) throws(ModelError) -> WeightTable {
    try checkShape(name, [rows, columns])
    return try WeightTable(rows: rows, columns: columns) { values throws(ModelError) in
      try file.readFloats(prefix + name, into: values)
      adjust(values)
    }
  }

  private func vector(_ name: String, _ count: Int) throws(ModelError) -> WeightTable {
    try checkShape(name, [count])
    return try stacked([name], rows: 1, columns: count)
  }

  private func firstRow(of name: String, columns: Int) throws(ModelError) -> [Float] {
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

  private func missing(_ name: String) -> ModelError {
    ModelError(file: file.path, entry: name, reason: "the tensor is missing")
  }
}
