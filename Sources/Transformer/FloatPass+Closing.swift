import Tensor

extension FloatPass {
  /// Ends a sub-layer: hidden = LayerNorm(update + hidden), or an expert's bottleneck's result for the two.
  func close(_ norms: [LayerNormWeights], _ bottlenecks: [BottleneckWeights<FloatLinear>?]) {
    for group in groups(for: max(norms.count, bottlenecks.count)) {
      let norm = norms[group.expert, orShared: ()]
      if let bottleneck = bottlenecks[bottleneckOf: group.expert] {
        profile.measure(.bottleneck) { close(group.rows, norm, bottleneck) }
      } else {
        profile.measure(.layerNorm) { close(group.rows, norm) }
      }
    }
    scratch.exchangeHiddenAndUpdate()
  }

  private func close(_ rows: Range<Int>, _ norm: LayerNormWeights) {
    let update = scratch.update[rows: rows]
    update.add(residual: scratch.hidden[rows: rows])
    update.normalize(norm)
  }

  private func close(_ rows: Range<Int>, _ norm: LayerNormWeights, _ bottleneck: BottleneckWeights<FloatLinear>) {
    let (hidden, update) = (scratch.hidden[rows: rows], scratch.update[rows: rows])
    let narrow = scratch.bottleneck[rows: rows, columns: 0..<bottleneck.down.outputs]
    bottleneck.close(
      hidden, update: update, norm: norm, memory: (scratch.bottleneckInput[rows: rows], scratch.context[rows: rows])
    ) { input, output in
      bottleneck.down.apply(to: input, into: narrow)
      bottleneck.form.activation.apply(to: narrow)
      bottleneck.up.apply(to: narrow, into: output)
    }
    if bottleneck.form.closesWithNorm { hidden.normalize(norm) }
    update.set(hidden)
  }
}
