import Tensor

/// The activations of passes, which one thread reuses from pass to pass.
public final class Scratch {
  let float = FloatScratch()
  let int8 = Int8Scratch()
  let bfloat16 = BFloat16Scratch()
  let strip = StripScratch()

  public init() {}

  /// The size in bytes.
  var byteCount: Int { float.byteCount + int8.byteCount + bfloat16.byteCount + strip.byteCount }

  /// Makes room for any pass of a precision over texts of up to the given number of tokens.
  func reserve(_ shape: EncoderShape, _ precision: EncoderPrecision, longestSequence: Int) {
    let rows = max(PackedBatch.maxRowsOfPass, longestSequence)
    switch precision {
    case .fp32:
      float.reserve(rows: rows, longestSequence: longestSequence, shape: shape)
    // The shortest texts, [CLS] and [SEP], take the most memory per row: keys and values are rounded up for each text.
    case .bf16:
      bfloat16.reserve(.uniform(sequences: (rows + 1) / 2, tokens: 2), configuration: shape.configuration)
      strip.bfloat16.reserve(rows: Strip.maxRows(BFloat16Linear.stripRows), shape: shape)
      bfloat16.heads.reserve(strip.bfloat16.attention, length: longestSequence)
    case .int8:
      int8.reserve(.uniform(sequences: (rows + 1) / 2, tokens: 2), configuration: shape.configuration)
      strip.reserve(rows: Strip.maxRows(Int8Linear.stripRows), shape: shape)
      int8.heads.reserve(strip.attention, length: longestSequence)
    }
  }
}

extension PackedBatch {
  fileprivate static func uniform(sequences: Int, tokens: Int) -> PackedBatch {
    let input = EncoderInput(tokens: [Int32](repeating: 0, count: tokens), task: .search, role: .query)
    let inputs = [EncoderInput](repeating: input, count: sequences)
    return packing(inputs, indices: Array(inputs.indices), maxRows: sequences * tokens) { _ in 0 }[0]
  }
}
