import Tensor

/// A bottleneck adapter behind one sub-layer.
struct BottleneckWeights<Linear: LinearLayer>: Sendable {
  let form: Bottleneck
  /// hidden → width.
  let down: Linear
  /// width → hidden.
  let up: Linear
  /// Where ``Bottleneck/normalizesInput``.
  let normBefore: LayerNormWeights?
  /// Where ``Bottleneck/normalizesOutput``.
  let normAfter: LayerNormWeights?

  /// Closes a sub-layer, its own norm at the end aside: see ``Bottleneck``.
  /// - Parameters:
  ///   - input: a; takes what is normalised at the end, or the result where ``Bottleneck/closesWithNorm`` is not so.
  ///   - update: h.
  ///   - norm: the sub-layer's own.
  ///   - memory: two windows of the same shape, for what lies between.
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
