import Tensor

/// The activations that all strips of an int8 pass share; each strip writes its own rows.
final class Int8Scratch {
  /// Hidden states, rows × hidden.
  private(set) var hidden = Matrix(rows: 0, columns: 0)
  /// The hidden states, quantised: the input of the next linear layer.
  private(set) var quantized = QuantizedRows(rows: 0, columns: 0)
  private(set) var heads = QuantizedHeads(heads: 1, headSize: 1)
  private var configuration: Configuration?
  /// For the passes of one strip.
  var sharing = SharingGauge()

  /// Makes room for a batch.
  func reserve(_ batch: PackedBatch, configuration: Configuration) {
    if self.configuration != configuration {
      sharing = SharingGauge()
      heads = QuantizedHeads(heads: configuration.heads, headSize: configuration.headSize)
    }
    if self.configuration != configuration || hidden.rows < batch.rows {
      hidden = Matrix(rows: batch.rows, columns: configuration.hiddenSize)
      quantized = QuantizedRows(rows: batch.rows, columns: configuration.hiddenSize)
    }
    heads.reserve(batch.sequences)
    self.configuration = configuration
  }

  /// Bytes of memory.
  var byteCount: Int { hidden.byteCount + quantized.byteCount + heads.byteCount }
}

/// The activations of one strip. Each thread has its own, except when threads share a strip.
final class StripScratch {
  private(set) var queryKeyValue = Matrix(rows: 0, columns: 0)
  /// The first rows of sequences, copied, or their quantisation errors.
  private(set) var first = Matrix(rows: 0, columns: 0)
  private(set) var quantizedFirst = QuantizedRows(rows: 0, columns: 0)
  private(set) var projectedFirst = Matrix(rows: 0, columns: 0)
  private(set) var context = Matrix(rows: 0, columns: 0)
  private(set) var quantizedContext = QuantizedRows(rows: 0, columns: 0)
  private(set) var intermediate = Matrix(rows: 0, columns: 0)
  private(set) var quantizedIntermediate = QuantizedRows(rows: 0, columns: 0)
  /// If the encoder has bottlenecks: the update of a sub-layer without the residual, and a bottleneck's input.
  private(set) var update = Matrix(rows: 0, columns: 0)
  private(set) var bottleneckInput = Matrix(rows: 0, columns: 0)
  /// The narrow layer of a bottleneck, with the width of the widest one.
  private(set) var bottleneck = Matrix(rows: 0, columns: 0)
  private(set) var quantizedBottleneck = QuantizedRows(rows: 0, columns: 0)
  let attention = AttentionWorkspace()
  /// For bf16 passes.
  let bfloat16 = BFloat16StripScratch()

  /// Makes room for strips of at most `rows` rows.
  func reserve(rows: Int, shape: EncoderShape) {
    let (width, wide) = (shape.configuration.hiddenSize, shape.configuration.feedForwardSize)
    let narrow = shape.layout.widestBottleneck
    if narrow > 0, bottleneck.rows < rows || bottleneck.columns < narrow || update.columns != width {
      update = Matrix(rows: rows, columns: width)
      bottleneckInput = Matrix(rows: rows, columns: width)
      bottleneck = Matrix(rows: rows, columns: narrow)
      quantizedBottleneck = QuantizedRows(rows: rows, columns: narrow)
    }
    guard context.rows < rows || context.columns != width || intermediate.columns != wide else { return }
    queryKeyValue = Matrix(rows: rows, columns: 3 * width)
    first = Matrix(rows: rows, columns: width)
    quantizedFirst = QuantizedRows(rows: rows, columns: width)
    projectedFirst = Matrix(rows: rows, columns: 3 * width)
    context = Matrix(rows: rows, columns: width)
    quantizedContext = QuantizedRows(rows: rows, columns: width)
    intermediate = Matrix(rows: rows, columns: wide)
    quantizedIntermediate = QuantizedRows(rows: rows, columns: wide)
  }

  /// Bytes of memory.
  var byteCount: Int {
    let matrices = [
      queryKeyValue, first, projectedFirst, context, intermediate, update, bottleneckInput, bottleneck,
    ]
    let quantized = [quantizedFirst, quantizedContext, quantizedIntermediate, quantizedBottleneck]
    return matrices.reduce(0) { $0 + $1.byteCount } + quantized.reduce(0) { $0 + $1.byteCount } + attention.byteCount
      + bfloat16.byteCount
  }
}
