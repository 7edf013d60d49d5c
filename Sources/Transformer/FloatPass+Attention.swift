import Tensor

extension FloatPass {
  /// update = attention(hidden): projections by expert, then softmax(QKᵀ / √d)·V per sequence and head. The result does
  /// not yet include the residual.
  func attend(_ experts: [AttentionWeights<FloatLinear>]) {
    for group in groups(for: experts.count) {
      let weights = experts[group.expert]
      profile.measure(.linear) {
        weights.queryKeyValue.apply(to: scratch.hidden[rows: group.rows], into: scratch.queryKeyValue[rows: group.rows])
      }
    }
    profile.measure(.attention) {
      for sequence in batch.sequences {
        for head in 0..<configuration.heads { attend(within: sequence, head: head) }
      }
    }
    for group in groups(for: experts.count) {
      let weights = experts[group.expert]
      profile.measure(.linear) {
        weights.output.apply(to: scratch.context[rows: group.rows], into: scratch.update[rows: group.rows])
      }
    }
  }

  private func attend(within sequence: Range<Int>, head: Int) {
    let size = configuration.headSize
    let columns = head * size..<(head + 1) * size
    func part(_ index: Int) -> MatrixWindow {
      let offset = index * configuration.hiddenSize
      return scratch.queryKeyValue[rows: sequence, columns: columns.lowerBound + offset..<columns.upperBound + offset]
    }
    let scores = scratch.scores[rows: 0..<sequence.count, columns: 0..<sequence.count]
    scratch.product.multiply(part(0), transposed: part(1), into: scores)
    scores.applySoftmax(scale: 1 / Float(size).squareRoot())
    scratch.product.multiply(scores, part(2), into: scratch.context[rows: sequence, columns: columns])
  }
}
