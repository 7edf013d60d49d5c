import Tensor

extension FloatPass {
  /// update = activation(hidden · W₁ + b₁) · W₂ + b₂, by expert if the network is task-specific. The result does not
  /// yet include the residual.
  func feedForward(_ experts: [FeedForwardWeights<FloatLinear>]) {
    for group in groups(for: experts.count) {
      let weights = experts[group.expert]
      let intermediate = scratch.intermediate[rows: group.rows]
      profile.measure(.linearGELU) {
        weights.intermediate.apply(to: scratch.hidden[rows: group.rows], into: intermediate)
        configuration.activation.apply(to: intermediate)
      }
      profile.measure(.linear) {
        weights.output.apply(to: intermediate, into: scratch.update[rows: group.rows])
      }
    }
  }
}
