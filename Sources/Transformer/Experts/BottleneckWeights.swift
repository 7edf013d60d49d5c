import Tensor

/// A bottleneck adapter after one sub-layer.
struct BottleneckWeights<Linear: LinearLayer>: Sendable {
  let form: Bottleneck
  /// hidden → width.
  let down: Linear
  /// width → hidden.
  let up: Linear
  /// The norm for ``Bottleneck/normalizesInput``.
  let normBefore: LayerNormWeights?
  /// The norm for ``Bottleneck/normalizesOutput``.
  let normAfter: LayerNormWeights?

  /// Closes a sub-layer, except for the sub-layer's own final norm: see ``Bottleneck``.
  /// - Parameters:
  ///   - input: a; receives the input of the final norm, or the result without ``Bottleneck/closesWithNorm``.
  ///   - update: h.
  ///   - norm: the sub-layer's own norm.
  ///   - memory: two windows of the same shape, for intermediate values.
  ///   - project: runs `down`, the activation and `up`; may read and write one window.
  func close(
    _ input: MatrixWindow, update: MatrixWindow, norm: LayerNormWeights, memory: (MatrixWindow, MatrixWindow),
    project: (_ from: MatrixWindow, _ into: MatrixWindow) -> Void
  ) {
    let (x, y) = memory
    x.set(update)
    if form.readsNormalizedSum {
      x.add(residual: input)
      x.normalize(norm)
    }
    if let normBefore {
      y.set(x)
      y.normalize(normBefore)
      project(y, y)
    } else {
      project(x, y)
    }
    func addResidual() {
      switch form.residual {
      case .update: y.add(residual: update)
      case .sum:
        y.add(residual: update)
        y.add(residual: input)
      case .input: y.add(residual: x)
      }
    }
    if form.addsResidualFirst { addResidual() }
    if let normAfter { y.normalize(normAfter) }
    if !form.addsResidualFirst { addResidual() }
    if form.closesWithNorm { input.add(residual: y) } else { input.set(y) }
  }
}
