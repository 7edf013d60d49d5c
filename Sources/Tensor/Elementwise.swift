import CKernels
import Glibc

/// The operations between matrix multiplications, in place on a window.
extension MatrixWindow {
  /// GELU of each value, exact, with erf.
  public func applyGELU() {
    kernels.gelu(rows, columns, pointer, stride)
  }

  /// GELU of each value, approximated with tanh (Hendrycks and Gimpel, arXiv 1606.08415): "gelu_new".
  public func applyGELUByTanh() {
    kernels.gelu_tanh(rows, columns, pointer, stride)
  }

  /// The larger of each value and 0.
  public func applyReLU() {
    kernels.relu(rows, columns, pointer, stride)
  }

  /// x / 100 for each negative value x; other values do not change.
  public func applyLeakyReLU() {
    forEach { $0 < 0 ? $0 * 0.01 : $0 }
  }

  /// x · sigmoid(x) of each value.
  public func applySwish() {
    forEach { $0 / (1 + exp(-$0)) }
  }

  /// The hyperbolic tangent of each value.
  public func applyTanh() {
    forEach { tanh($0) }
  }

  /// Replaces each value with a function of it. It is slow, and only for the few values of a bottleneck and for rare
  /// models.
  private func forEach(_ function: (Float) -> Float) {
    for row in 0..<rows {
      let values = pointer + row * stride
      for column in 0..<columns { values[column] = function(values[column]) }
    }
  }

  /// Normalises each row to mean 0 and variance 1, then scales and shifts it.
  public func normalize(_ weights: LayerNormWeights) {
    precondition(weights.gamma.columns == columns)
    kernels.layer_norm(
      rows, columns, pointer, stride, weights.gamma.baseAddress, weights.beta.baseAddress,
      weights.epsilon)
  }

  /// Adds the residual of a sub-layer.
  public func add(residual: MatrixWindow) {
    precondition(residual.columns == columns && residual.rows == rows)
    precondition(residual.stride == stride, "the residual has another stride")
    kernels.add_residual(rows, columns, pointer, stride, residual.pointer)
  }

  /// Softmax of `scale` times the values, over each row.
  public func applySoftmax(scale: Float) {
    precondition(columns > 0)
    kernels.softmax(rows, columns, pointer, stride, scale)
  }
}
