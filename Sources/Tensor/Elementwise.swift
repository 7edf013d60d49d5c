import CKernels

/// The operations between the matrix multiplications, in place on a window.
extension MatrixWindow {
  /// Adds a bias to each row.
  public func addBias(of weights: DenseWeights) {
    precondition(weights.outputs == columns)
    kernels.add_bias(rows, columns, pointer, stride, weights.bias.storage.baseAddress)
  }

  /// GELU (exact, by erf) of each value plus its column's bias.
  public func applyGELU(biasOf weights: DenseWeights) {
    precondition(weights.outputs == columns)
    kernels.bias_gelu(rows, columns, pointer, stride, weights.bias.storage.baseAddress)
  }

  /// Normalises each row to mean 0 and variance 1, then scales and shifts it.
  public func normalize(_ weights: LayerNormWeights) {
    precondition(weights.gamma.columns == columns)
    kernels.layer_norm(
      rows, columns, pointer, stride, weights.gamma.storage.baseAddress, weights.beta.storage.baseAddress,
      weights.epsilon)
  }

  /// Adds the bias of the linear layer that made these rows, and the residual that went around it.
  public func add(biasOf weights: DenseWeights, residual: MatrixWindow) {
    precondition(weights.outputs == columns && residual.columns == columns && residual.rows == rows)
    precondition(residual.stride == stride, "the residual has another stride")
    kernels.add_bias_residual(
      rows, columns, pointer, stride, weights.bias.storage.baseAddress, residual.pointer)
  }

  /// Softmax over each row of `scale` times its values.
  public func applySoftmax(scale: Float) {
    precondition(columns > 0)
    kernels.softmax(rows, columns, pointer, stride, scale)
  }
}
