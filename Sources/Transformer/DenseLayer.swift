import Checkpoint
import Glibc
import Tensor

/// One dense layer.
struct DenseLayer: Sendable {
  /// A table of the layer.
  struct Part: Sendable {
    let name: String
    /// The tensor's name in sentence-transformers.
    let tensor: String
    /// The tensor's shape in sentence-transformers: a bias has one dimension.
    let shape: [Int]

    var rows: Int { shape.count == 1 ? 1 : shape[0] }
    var columns: Int { shape[shape.count - 1] }
  }

  private let shape: DenseShape
  private let weight: WeightTable
  private let bias: WeightTable?
  /// The projection of the input that is added; nil if there is none.
  private let residual: WeightTable?

  /// - Parameter table: reads a part.
  init(_ shape: DenseShape, table: (Part) throws(ModelError) -> WeightTable) throws(ModelError) {
    self.shape = shape
    weight = try table(.weight(shape))
    bias = shape.hasBias ? try table(.bias(shape)) : nil
    residual = shape.residual == .projected ? try table(.residual(shape)) : nil
  }

  static func parts(of shape: DenseShape) -> [Part] {
    [.weight(shape)] + (shape.hasBias ? [.bias(shape)] : []) + (shape.residual == .projected ? [.residual(shape)] : [])
  }

  /// All tables, in the order of ``parts(of:)``.
  var tables: [(part: Part, table: WeightTable)] {
    Array(zip(Self.parts(of: shape), [weight, bias, residual].compactMap(\.self)))
  }

  var parameterCount: Int { tables.reduce(0) { $0 + $1.table.rows * $1.table.columns } }

  /// - Parameter x: `inputs` values.
  /// - Returns: `outputs` values.
  func apply(to x: [Float]) -> [Float] {
    var y = Vector.product(weight, x)
    if let bias { y = zip(y, bias.row(0)).map(+) }
    y = y.map(activated)
    if let residual { return zip(y, Vector.product(residual, x)).map(+) }
    return shape.residual == .input ? zip(y, x).map(+) : y
  }

  private func activated(_ value: Float) -> Float {
    switch shape.activation {
    case .identity: value
    case .tanh: Float(Glibc.tanh(Double(value)))
    case .relu: max(value, 0)
    case .gelu: Float(Double(value) / 2 * (1 + erf(Double(value) / 2.0.squareRoot())))
    }
  }
}

extension DenseLayer.Part {
  fileprivate static func weight(_ shape: DenseShape) -> Self {
    Self(name: "weight", tensor: "linear.weight", shape: [shape.outputs, shape.inputs])
  }

  fileprivate static func bias(_ shape: DenseShape) -> Self {
    Self(name: "bias", tensor: "linear.bias", shape: [shape.outputs])
  }

  fileprivate static func residual(_ shape: DenseShape) -> Self {
    Self(name: "residual", tensor: "residual.weight", shape: [shape.outputs, shape.inputs])
  }
}
