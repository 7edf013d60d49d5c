import Tensor

extension FloatPass {
  /// update = activation(hidden · W₁ + b₁) · W₂ + b₂, by expert where the network is task-specific. The residual is not
  /// yet in it.
  func feedForward(_ experts: [FeedForwardWeights<FloatLinear>]) {
    for group in groups(for: experts.count) {
      let weights = experts[group.expert]
      let intermediate = scratch.intermediate[rows: group.rows]
      weights.intermediate.apply(to: scratch.hidden[rows: group.rows], into: intermediate)
      configuration.activation.apply(to: intermediate)
      weights.output.apply(to: intermediate, into: scratch.update[rows: group.rows])
    }
  }
}
