import Tensor

/// The activations that all strips of a bf16 pass share; each strip writes its own rows.
final class BFloat16Scratch {
  /// Hidden states, rows × hidden.
  private(set) var hidden = Matrix(rows: 0, columns: 0)
  /// The hidden states, rounded: the input of the next linear layer.
  private(set) var rounded = BFloat16Rows(rows: 0, columns: 0)
  private(set) var heads = BFloat16Heads(heads: 1, headSize: 1)
  private var configuration: Configuration?

  /// Makes room for a batch.
  func reserve(_ batch: PackedBatch, configuration: Configuration) {
    if self.configuration != configuration {
      heads = BFloat16Heads(heads: configuration.heads, headSize: configuration.headSize)
    }
    if self.configuration != configuration || hidden.rows < batch.rows {
      hidden = Matrix(rows: batch.rows, columns: configuration.hiddenSize)
      rounded = BFloat16Rows(rows: batch.rows, columns: configuration.hiddenSize)
    }
    heads.reserve(batch.sequences)
    self.configuration = configuration
  }

  /// Bytes of memory.
  var byteCount: Int { hidden.byteCount + rounded.byteCount + heads.byteCount }
}

/// The activations of one strip of a bf16 pass. Each thread has its own.
final class BFloat16StripScratch {
  private(set) var queryKeyValue = BFloat16Rows(rows: 0, columns: 0)
  private(set) var context = BFloat16Rows(rows: 0, columns: 0)
  private(set) var intermediate = BFloat16Rows(rows: 0, columns: 0)
  /// The input of an activation other than GELU.
  private(set) var wide = Matrix(rows: 0, columns: 0)
  /// The first rows of sequences, copied.
  private(set) var first = Matrix(rows: 0, columns: 0)
  private(set) var roundedFirst = BFloat16Rows(rows: 0, columns: 0)
  /// If the encoder has bottlenecks: the update of a sub-layer without the residual, and a bottleneck's input and
  /// output.
  private(set) var update = Matrix(rows: 0, columns: 0)
  private(set) var bottleneckInput = Matrix(rows: 0, columns: 0)
  private(set) var bottleneckOutput = Matrix(rows: 0, columns: 0)
  /// The narrow layer of a bottleneck, with the width of the widest one.
  private(set) var bottleneck = Matrix(rows: 0, columns: 0)
  private(set) var roundedBottleneck = BFloat16Rows(rows: 0, columns: 0)
  let attention = AttentionWorkspace()

  /// Makes room for strips of at most `rows` rows.
  func reserve(rows: Int, shape: EncoderShape) {
    let (width, feedForward) = (shape.configuration.hiddenSize, shape.configuration.feedForwardSize)
    let narrow = shape.layout.widestBottleneck
    if narrow > 0, bottleneck.rows < rows || bottleneck.columns < narrow || update.columns != width {
      update = Matrix(rows: rows, columns: width)
      bottleneckInput = Matrix(rows: rows, columns: width)
      bottleneckOutput = Matrix(rows: rows, columns: width)
      bottleneck = Matrix(rows: rows, columns: narrow)
      roundedBottleneck = BFloat16Rows(rows: rows, columns: narrow)
    }
    if shape.configuration.activation != .gelu, wide.rows < rows || wide.columns != feedForward {
      wide = Matrix(rows: rows, columns: feedForward)
    }
    guard context.rows < rows || context.columns != width || intermediate.columns != feedForward else { return }
    queryKeyValue = BFloat16Rows(rows: rows, columns: 3 * width)
    context = BFloat16Rows(rows: rows, columns: width)
    intermediate = BFloat16Rows(rows: rows, columns: feedForward)
    first = Matrix(rows: rows, columns: width)
    roundedFirst = BFloat16Rows(rows: rows, columns: width)
  }

  /// Bytes of memory.
  var byteCount: Int {
    let matrices = [wide, first, update, bottleneckInput, bottleneckOutput, bottleneck]
    let rounded = [queryKeyValue, context, intermediate, roundedFirst, roundedBottleneck]
    return matrices.reduce(0) { $0 + $1.byteCount } + rounded.reduce(0) { $0 + $1.byteCount } + attention.byteCount
  }
}
