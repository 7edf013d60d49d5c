import Tensor

extension FloatPass {
  /// hidden = LayerNorm(activation(hidden · W₁ + b₁) · W₂ + b₂ + hidden), by expert where the network is task-specific.
  func feedForward(_ experts: [FeedForwardWeights<Linear>]) {
    for group in groups(for: experts.count) {
      let weights = experts[group.expert]
      let hidden = scratch.hidden[rows: group.rows]
      let intermediate = scratch.intermediate[rows: group.rows]
      weights.intermediate.apply(to: hidden, into: intermediate)
      configuration.activation.apply(to: intermediate)
      let update = scratch.update[rows: group.rows]
      weights.output.apply(to: intermediate, into: update)
      update.add(residual: hidden)
      update.normalize(weights.norm)
    }
    scratch.exchangeHiddenAndUpdate()
  }
}
