import Tensor

extension BFloat16Pass {
  /// Ends a sub-layer: hidden = LayerNorm(input · W + b + hidden), or a bottleneck's result for the two summands.
  func close(
    _ linear: BFloat16Linear, of input: BFloat16Window, _ hidden: MatrixWindow, _ rounded: BFloat16Window,
    _ norm: LayerNormWeights, _ bottleneck: BottleneckWeights<BFloat16Linear>?, _ memory: BFloat16StripScratch
  ) {
    guard let bottleneck else {
      profile.measure(.linear) { linear.apply(to: input, into: hidden, adding: true) }
      return normalize(hidden, rounded, norm)
    }
    let rows = 0..<hidden.rows
    let update = memory.update[rows: rows]
    profile.measure(.linear) { linear.apply(to: input, into: update) }
    profile.measure(.bottleneck) {
      bottleneck.close(
        hidden, update: update, norm: norm,
        memory: (memory.bottleneckInput[rows: rows], memory.bottleneckOutput[rows: rows])
      ) { apply(bottleneck, to: $0, into: $1, memory) }
    }
    if bottleneck.form.closesWithNorm {
      normalize(hidden, rounded, norm)
    } else {
      profile.measure(.quantize) { rounded.round(hidden) }
    }
  }

  private func apply(
    _ bottleneck: BottleneckWeights<BFloat16Linear>, to input: MatrixWindow, into output: MatrixWindow,
    _ memory: BFloat16StripScratch
  ) {
    let rows = 0..<input.rows
    let wide = memory.context[rows: rows]
    wide.round(input)
    let width = bottleneck.down.outputs
    let narrow = memory.bottleneck[rows: rows, columns: 0..<width]
    bottleneck.down.apply(to: wide, into: narrow)
    bottleneck.form.activation.apply(to: narrow)
    let roundedNarrow = memory.roundedBottleneck[rows: rows, columns: width]
    roundedNarrow.round(narrow)
    bottleneck.up.apply(to: roundedNarrow, into: output)
  }

  func normalize(_ hidden: MatrixWindow, _ rounded: BFloat16Window, _ norm: LayerNormWeights) {
    profile.measure(.layerNorm) { hidden.normalize(norm, roundedInto: rounded) }
  }
}
