import Tensor

extension Int8Pass {
  /// Ends a sub-layer: hidden = LayerNorm(input · W + b + hidden), or what a bottleneck makes of the two summands.
  func close(
    _ linear: Int8Linear, of input: QuantizedWindow, _ hidden: MatrixWindow, _ quantized: QuantizedWindow,
    _ norm: LayerNormWeights, _ bottleneck: BottleneckWeights<Int8Linear>?, _ memory: StripScratch
  ) {
    guard let bottleneck else {
      profile.measure(.linear) { linear.apply(to: input, into: hidden, result: .added) }
      return normalize(hidden, quantized, norm)
    }
    let rows = 0..<hidden.rows
    let update = memory.update[rows: rows]
    profile.measure(.linear) { linear.apply(to: input, into: update) }
    profile.measure(.bottleneck) {
      bottleneck.close(
        hidden, update: update, norm: norm, memory: (memory.bottleneckInput[rows: rows], memory.context[rows: rows])
      ) { apply(bottleneck, to: $0, into: $1, memory) }
    }
    if bottleneck.form.closesWithNorm {
      normalize(hidden, quantized, norm)
    } else {
      profile.measure(.quantize) { quantized.quantize(hidden) }
    }
  }

  private func apply(
    _ bottleneck: BottleneckWeights<Int8Linear>, to input: MatrixWindow, into output: MatrixWindow,
    _ memory: StripScratch
  ) {
    let rows = 0..<input.rows
    let wide = memory.quantizedContext[rows: rows]
    wide.quantize(input)
    let width = bottleneck.down.outputs
    let narrow = memory.bottleneck[rows: rows, columns: 0..<width]
    bottleneck.down.apply(to: wide, into: narrow)
    bottleneck.form.activation.apply(to: narrow)
    let quantizedNarrow = memory.quantizedBottleneck[rows: rows, columns: width]
    quantizedNarrow.quantize(narrow)
    bottleneck.up.apply(to: quantizedNarrow, into: output)
  }

  func normalize(_ hidden: MatrixWindow, _ quantized: QuantizedWindow, _ norm: LayerNormWeights) {
    profile.measure(.layerNorm) { hidden.normalize(norm, quantizedInto: quantized) }
  }
}
