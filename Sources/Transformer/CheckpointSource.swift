import Checkpoint
import Tensor

/// Reads an encoder's parts from a checkpoint, by the names that PyTorch gave its tensors, and checks their shapes.
struct CheckpointSource: WeightsSource {
  let file: WeightsFile
  /// What the names of the encoder's tensors start with.
  let prefix: String
  let configuration: Configuration

  private var family: EncoderFamily { configuration.family }

  func words<Words: WordTable>(rows: Int, columns: Int) throws(ModelError) -> Words {
    Words(try table(EncoderFamily.wordEmbeddings, rows, columns))
  }

  /// The embedding of a token type is added to those of all positions: of type 0, and in a second table below, where there
  /// is one, of type 1.
  func positions(rows: Int, columns: Int) throws(ModelError) -> WeightTable {
    let name = EncoderFamily.positionEmbeddings
    let positions = configuration.maxPositions
    try file.check(prefix + name, has: [positions, columns])
    let types = try family.tokenTypeEmbeddings.map { (name) throws(ModelError) in
      try self.rows(rows / positions, of: name, columns: columns)
    }
    return try WeightTable(rows: rows, columns: columns) { (values) throws(ModelError) in
      for type in 0..<rows / positions {
        let table = UnsafeMutableBufferPointer(
          rebasing: values[type * positions * columns..<(type + 1) * positions * columns])
        try file.readFloats(prefix + name, into: table)
        guard let types else { continue }
        for index in table.indices { table[index] += types[type * columns + index % columns] }
      }
    }
  }

  func linear<Linear: LinearLayer>(
    _ part: EncoderPart, outputs: Int, inputs: Int
  ) throws(ModelError) -> Linear {
    let names = family.names(of: part)
    let rows = outputs / names.count
    for name in names {
      try file.check("\(prefix)\(name).weight", has: [rows, inputs])
      try file.check("\(prefix)\(name).bias", has: [rows])
    }
    return Linear(
      weight: try stacked(names.map { "\($0).weight" }, rows: outputs, columns: inputs),
      bias: try stacked(names.map { "\($0).bias" }, rows: 1, columns: outputs))
  }

  func layerNorm(_ part: EncoderPart, width: Int, epsilon: Float) throws(ModelError) -> LayerNormWeights {
    let name = family.names(of: part)[0]
    // Files from before 2019 say gamma and beta.
    let old = file.tensors["\(prefix)\(name).weight"] == nil && file.tensors["\(prefix)\(name).gamma"] != nil
    return LayerNormWeights(
      gamma: try vector(name + (old ? ".gamma" : ".weight"), width),
      beta: try vector(name + (old ? ".beta" : ".bias"), width),
      epsilon: epsilon)
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

  private func table(_ name: String, _ rows: Int, _ columns: Int) throws(ModelError) -> WeightTable {
    try file.check(prefix + name, has: [rows, columns])
    return try stacked([name], rows: rows, columns: columns)
  }

  private func vector(_ name: String, _ count: Int) throws(ModelError) -> WeightTable {
    try file.check(prefix + name, has: [count])
    return try stacked([name], rows: 1, columns: count)
  }

  /// The first rows of a table.
  private func rows(_ count: Int, of name: String, columns: Int) throws(ModelError) -> ArraySlice<Float> {
    try file.check(prefix + name, hasRows: count, columns: columns)
    return try file.readFloats(prefix + name)[..<(count * columns)]
  }
}
