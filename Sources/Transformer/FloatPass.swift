import Tensor

/// One run of a packed batch through one encoder with fp32 activations, on one thread.
struct FloatPass {
  let shape: EncoderShape
  let weights: EncoderWeights<FloatLinear, WeightTable>
  let batch: PackedBatch
  let scratch: FloatScratch
  let profile: Profile?

  var configuration: Configuration { shape.configuration }

  /// Runs all layers.
  /// - Returns: the last layer's hidden states, rows × hidden; valid until the scratch memory is used again.
  func run() -> MatrixWindow {
    scratch.reserve(rows: batch.rows, longestSequence: batch.longestSequence, shape: shape)
    profile.measure(.embedding) { embed() }
    for layer in weights.layers {
      attend(layer.attention)
      close([layer.attentionNorm], layer.attentionBottlenecks)
      feedForward(layer.feedForward)
      close(layer.feedForward.map(\.norm), layer.outputBottlenecks)
    }
    return scratch.hidden[rows: 0..<batch.rows]
  }

  /// The groups of rows for which a sub-layer uses the same weights: a single group if it has no experts.
  func groups(for experts: Int) -> [PackedBatch.ExpertGroup] {
    experts > 1 ? batch.groups : [PackedBatch.ExpertGroup(expert: 0, rows: 0..<batch.rows)]
  }

  private func embed() {
    let hidden = scratch.hidden[rows: 0..<batch.rows]
    for (sequence, firstSegmentRows) in zip(batch.sequences, batch.firstSegmentRows) {
      for (position, row) in sequence.enumerated() {
        let table = position < firstSegmentRows ? 0 : configuration.maxPositions
        hidden.setRow(
          row, toSumOf: weights.words, row: Int(batch.tokens[row]), and: weights.positions, row: table + position)
      }
    }
    hidden.normalize(weights.embeddingNorm)
  }
}
