import Checkpoint
import Tensor

/// The weights of a head's dense layers, in fp32 for any arithmetic of the encoder.
struct HeadWeights: Sendable {
  let layers: [DenseLayer]

  /// The number of values in all weights.
  var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }

  /// All parts by their names in a converted file.
  var parts: [(name: String, bytes: ConstantBytes)] {
    layers.enumerated().flatMap { index, layer in
      layer.tables.map { (Self.name(of: $0.part, layer: index), $0.table.bytes) }
    }
  }

  /// Adds all parts to a digest.
  func add(to digests: PartDigests) {
    for (index, layer) in layers.enumerated() {
      for table in layer.tables { digests.add(Self.name(of: table.part, layer: index), table.table) }
    }
  }

  /// Bytes of the weights of layers with these shapes.
  static func byteCount(_ shapes: [DenseShape]) -> Int {
    shapes.reduce(0) { sum, shape in
      DenseLayer.parts(of: shape).reduce(sum) { $0 + WeightTable.size(rows: $1.rows, columns: $1.columns) }
    }
  }

  /// Reads the weights from checkpoints, one file for each layer.
  init(_ shapes: [DenseShape], files: [WeightsFile]) throws(ModelError) {
    var layers: [DenseLayer] = []
    for (shape, file) in zip(shapes, files) {
      layers.append(
        try DenseLayer(shape) { (part) throws(ModelError) in
          try WeightTable(rows: part.rows, columns: part.columns) { (values) throws(ModelError) in
            try file.readFloats(part.tensor, into: values)
          }
        })
    }
    self.layers = layers
  }

  /// Reads the weights from a converted file.
  init(_ shapes: [DenseShape], converted file: ConvertedFile) throws(ModelError) {
    var layers: [DenseLayer] = []
    for (index, shape) in shapes.enumerated() {
      layers.append(
        try DenseLayer(shape) { (part) throws(ModelError) in
          let name = Self.name(of: part, layer: index)
          let size = WeightTable.size(rows: part.rows, columns: part.columns)
          guard let bytes = file.bytes(of: name), bytes.count == size else {
            throw ModelError(file: file.path, entry: name, reason: "is not there with \(size) bytes: convert again")
          }
          return WeightTable(rows: part.rows, columns: part.columns, bytes: ConstantBytes(bytes, owner: file))
        })
    }
    self.layers = layers
  }

  private static func name(of part: DenseLayer.Part, layer: Int) -> String { "head/dense.\(layer).\(part.name)" }
}
