import Checkpoint
import Glibc
import Tensor

/// The shape of a `Dense` module of sentence-transformers: y = activation(W · x + b), perhaps plus x or R · x.
public struct DenseShape: Sendable, Equatable, Codable {
  public enum Activation: String, Sendable, Codable {
    case identity, tanh, relu, gelu
  }

  public enum Residual: String, Sendable, Codable {
    case none
    /// x itself; of as many values as y.
    case input
    /// R · x.
    case projected
  }

  public let inputs: Int
  public let outputs: Int
  public let hasBias: Bool
  public let activation: Activation
  public let residual: Residual

  static let largest = 65_536
}

/// The weights of a head's dense layers, in fp32 whatever the encoder's arithmetic.
struct HeadWeights: Sendable {
  let layers: [DenseLayer]

  static let none = HeadWeights(layers: [])

  /// Values of all weights.
  var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }

  /// All parts by their names in a converted file.
  var parts: [(name: String, bytes: ConstantBytes)] {
    layers.enumerated().flatMap { index, layer in layer.parts.map { ("head/dense.\(index).\($0.name)", $0.table.bytes) }
    }
  }

  /// Bytes of the weights of such layers.
  static func byteCount(_ shapes: [DenseShape]) -> Int {
    shapes.reduce(0) { sum, shape in
      DenseLayer.parts(of: shape).reduce(sum) { $0 + WeightTable.size(rows: $1.rows, columns: $1.columns) }
    }
  }

  /// Of checkpoints, a file for each layer.
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

  /// Of a converted file.
  init(_ shapes: [DenseShape], converted file: ConvertedFile) throws(ModelError) {
    var layers: [DenseLayer] = []
    for (index, shape) in shapes.enumerated() {
      layers.append(
        try DenseLayer(shape) { (part) throws(ModelError) in
          let name = "head/dense.\(index).\(part.name)"
          let size = WeightTable.size(rows: part.rows, columns: part.columns)
          guard let bytes = file.bytes(of: name), bytes.count == size else {
            throw ModelError(file: file.path, entry: name, reason: "is not there with \(size) bytes: convert again")
          }
          return WeightTable(rows: part.rows, columns: part.columns, bytes: ConstantBytes(bytes, owner: file))
        })
    }
    self.layers = layers
  }

  private init(layers: [DenseLayer]) {
    self.layers = layers
  }
}

/// One dense layer.
struct DenseLayer: Sendable {
  /// A table of the layer.
  struct Part {
    let name: String
    /// What sentence-transformers calls it.
    let tensor: String
    let rows: Int
    let columns: Int
  }

  let shape: DenseShape
  private let tables: [(name: String, table: WeightTable)]

  /// - Parameter table: reads a part.
  init(_ shape: DenseShape, table: (Part) throws(ModelError) -> WeightTable) throws(ModelError) {
    self.shape = shape
    var tables: [(name: String, table: WeightTable)] = []
    for part in Self.parts(of: shape) { tables.append((part.name, try table(part))) }
    self.tables = tables
  }

  static func parts(of shape: DenseShape) -> [Part] {
    var parts = [Part(name: "weight", tensor: "linear.weight", rows: shape.outputs, columns: shape.inputs)]
    if shape.hasBias { parts.append(Part(name: "bias", tensor: "linear.bias", rows: 1, columns: shape.outputs)) }
    if shape.residual == .projected {
      parts.append(Part(name: "residual", tensor: "residual.weight", rows: shape.outputs, columns: shape.inputs))
    }
    return parts
  }

  var parts: [(name: String, table: WeightTable)] { tables }
  var parameterCount: Int { tables.reduce(0) { $0 + $1.table.rows * $1.table.columns } }

  /// - Parameter x: `inputs` values.
  /// - Returns: `outputs` values.
  func apply(to x: [Float]) -> [Float] {
    var y = Vector.product(self["weight"]!, x)
    if let bias = self["bias"] { y = zip(y, bias.row(0)).map(+) }
    y = y.map(activated)
    switch shape.residual {
    case .none: return y
    case .input: return zip(y, x).map(+)
    case .projected: return zip(y, Vector.product(self["residual"]!, x)).map(+)
    }
  }

  private subscript(_ name: String) -> WeightTable? { tables.first { $0.name == name }?.table }

  private func activated(_ value: Float) -> Float {
    switch shape.activation {
    case .identity: value
    case .tanh: Float(Glibc.tanh(Double(value)))
    case .relu: max(value, 0)
    case .gelu: Float(Double(value) / 2 * (1 + erf(Double(value) / 2.0.squareRoot())))
    }
  }
}
