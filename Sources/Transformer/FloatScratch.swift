import Tensor

/// The activations of an fp32 pass.
final class FloatScratch {
  private(set) var hidden = Matrix(rows: 0, columns: 0)
  /// The result of a sub-layer for `hidden`; the two are then swapped.
  private(set) var update = Matrix(rows: 0, columns: 0)
  private(set) var queryKeyValue = Matrix(rows: 0, columns: 0)
  private(set) var context = Matrix(rows: 0, columns: 0)
  private(set) var intermediate = Matrix(rows: 0, columns: 0)
  private(set) var scores = Matrix(rows: 0, columns: 0)
  /// The input of a bottleneck, if the encoder has bottlenecks.
  private(set) var bottleneckInput = Matrix(rows: 0, columns: 0)
  /// The narrow layer of a bottleneck, with the width of the widest one.
  private(set) var bottleneck = Matrix(rows: 0, columns: 0)
  let product = MatrixProduct()

  /// Makes room for a pass of `rows` tokens, whose sequences have at most `longestSequence` tokens.
  func reserve(rows: Int, longestSequence: Int, shape: EncoderShape) {
    let configuration = shape.configuration
    let width = configuration.hiddenSize
    if hidden.rows < rows || hidden.columns != width || intermediate.columns != configuration.feedForwardSize {
      hidden = Matrix(rows: rows, columns: width)
      update = Matrix(rows: rows, columns: width)
      queryKeyValue = Matrix(rows: rows, columns: 3 * width)
      context = Matrix(rows: rows, columns: width)
      intermediate = Matrix(rows: rows, columns: configuration.feedForwardSize)
    }
    let narrow = shape.layout.widestBottleneck
    if narrow > 0, bottleneck.rows < rows || bottleneck.columns < narrow || bottleneckInput.columns != width {
      bottleneckInput = Matrix(rows: rows, columns: width)
      bottleneck = Matrix(rows: rows, columns: narrow)
    }
    if scores.rows < longestSequence {
      scores = Matrix(rows: longestSequence, columns: longestSequence)
    }
    product.reserve(outputs: longestSequence, inputs: configuration.headSize)
    product.reserve(outputs: configuration.headSize, inputs: longestSequence)
  }

  /// Bytes of memory.
  var byteCount: Int {
    let matrices = [hidden, update, queryKeyValue, context, intermediate, scores, bottleneckInput, bottleneck]
    return matrices.reduce(product.byteCount) { $0 + $1.byteCount }
  }

  /// Turns the update into the hidden states that the next sub-layer reads.
  func exchangeHiddenAndUpdate() {
    swap(&hidden, &update)
  }
}
