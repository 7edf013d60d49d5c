import Tensor

extension Int8StripPass {
  /// Ends a sub-layer: hidden = LayerNorm(input · W + b + hidden), or a bottleneck's result for the two summands.
  func addClosing(
    _ linear: Int8Linear, of input: QuantizedWindow, _ hidden: MatrixWindow, _ quantized: QuantizedWindow,
    _ norm: LayerNormWeights, _ bottleneck: BottleneckWeights<Int8Linear>?, to stages: inout [PassStage]
  ) {
    let columns = linear.cuts(into: parts)
    guard let bottleneck else {
      stages.append(PassStage(.linear, columns) { linear.apply(to: input, into: hidden, result: .added, columns: $0) })
      return addNorm(hidden, quantized, norm, to: &stages)
    }
    let rows = 0..<hidden.rows
    let update = memory.update[rows: rows]
    stages.append(PassStage(.linear, columns) { linear.apply(to: input, into: update, columns: $0) })
    stages.append(
      PassStage(.bottleneck) { [self] in
        bottleneck.close(
          hidden, update: update, norm: norm, memory: (memory.bottleneckInput[rows: rows], memory.context[rows: rows])
        ) { apply(bottleneck, to: $0, into: $1) }
      })
    if bottleneck.form.closesWithNorm {
      addNorm(hidden, quantized, norm, to: &stages)
    } else {
      addQuantization(of: hidden, into: quantized, to: &stages)
    }
  }

  private func apply(_ bottleneck: BottleneckWeights<Int8Linear>, to input: MatrixWindow, into output: MatrixWindow) {
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
}
