import Tensor

/// One run of a packed batch through one encoder with int8 matrix products, strip by strip.
///
/// A layer takes two phases: first the keys and values of all rows, then everything else, for which a strip needs no
/// other strip. So threads that share a pass meet twice a layer.
struct Int8Pass {
  /// Where an embedding reads first rows only, the last layer leaves the others as they were.
  let shape: EncoderShape
  let weights: EncoderWeights<Int8Linear, QuantizedTable>
  let batch: PackedBatch
  let strips: [Strip]
  let scratch: Int8Scratch
  let profile: Profile?

  private var configuration: Configuration { shape.configuration }

  /// Runs all layers.
  /// - Returns: the last layer's hidden states, rows × hidden; valid until the scratch memory is used again.
  func run(_ strip: StripScratch, crew: (any PassCrew)?) -> MatrixWindow {
    scratch.reserve(batch, configuration: configuration)
    let shared = SharedPass(
      phases: 2 * weights.layers.count, items: strips.count, pause: { crew?.betweenItems() },
      run: { phase, item, strip in run(phase: phase, of: strips[item], strip) })
    let isShared = strips.count > 1
    if isShared { crew?.offer(shared) }
    shared.lead(strip)
    if isShared { crew?.withdraw(shared) }
    return scratch.hidden[rows: 0..<batch.rows]
  }

  private func run(phase: Int, of strip: Strip, _ memory: StripScratch) {
    memory.reserve(rows: strip.rows.count, shape: shape)
    let layer = weights.layers[phase / 2]
    if phase.isMultiple(of: 2) {
      if phase == 0 { embed(strip) }
      project(strip, layer, memory)
    } else if shape.readsFirstRowsOnly, phase / 2 == weights.layers.count - 1 {
      transformFirstRows(strip, layer, memory)
    } else {
      attend(strip.pieces, memory)
      transform(strip, layer, memory, scratch.hidden[rows: strip.rows], scratch.quantized[rows: strip.rows])
    }
  }

  private func embed(_ strip: Strip) {
    profile.measure(.embedding) {
      for piece in strip.pieces {
        let firstSegmentRows = min(max(batch.firstSegmentRows[piece.sequence] - piece.first, 0), piece.rows.count)
        let cut = piece.rows.lowerBound + firstSegmentRows
        embed(piece.rows.lowerBound..<cut, firstPosition: piece.first)
        embed(cut..<piece.rows.upperBound, firstPosition: configuration.maxPositions + piece.first + firstSegmentRows)
      }
    }
    normalize(scratch.hidden[rows: strip.rows], scratch.quantized[rows: strip.rows], weights.embeddingNorm)
  }

  /// - Parameter firstPosition: row of the table of positions for the first row.
  private func embed(_ rows: Range<Int>, firstPosition: Int) {
    guard !rows.isEmpty else { return }
    scratch.hidden[rows: rows].setEmbeddings(
      of: batch.tokens[rows], words: weights.words, positions: weights.positions, firstPosition: firstPosition)
  }

  /// Queries, keys and values of the strip's rows.
  private func project(_ strip: Strip, _ layer: LayerWeights<Int8Linear>, _ memory: StripScratch) {
    let weights = layer.attention[strip.expert, orShared: ()].queryKeyValue
    profile.measure(.linear) {
      weights.apply(
        to: scratch.quantized[rows: strip.rows], into: memory.queryKeyValue[rows: 0..<strip.rows.count])
      projectRestOfFirstRows(strip, weights, memory)
    }
    profile.measure(.quantize) {
      var row = 0
      for piece in strip.pieces {
        let rows = row..<row + piece.rows.count
        scratch.heads.split(memory.queryKeyValue[rows: rows], sequence: piece.sequence, first: piece.first)
        row = rows.upperBound
      }
    }
  }

  /// Adds to the projections of each sequence's first row what quantising took from it.
  ///
  /// All rows of a sequence attend to its first one ([CLS]) far more than to others, so that its rounding errors do not
  /// average out in the embedding as those of other rows do.
  private func projectRestOfFirstRows(_ strip: Strip, _ weights: Int8Linear, _ memory: StripScratch) {
    let firstRows = strip.firstRows
    for (index, row) in firstRows.enumerated() {
      memory.first[rows: index..<index + 1].setRest(
        of: scratch.hidden[rows: row..<row + 1], quantized: scratch.quantized[rows: row..<row + 1])
    }
    let all = 0..<firstRows.count
    memory.quantizedFirst[rows: all].quantize(memory.first[rows: all])
    weights.apply(
      to: memory.quantizedFirst[rows: all], into: memory.projectedFirst[rows: all], result: .unbiased)
    for (index, row) in firstRows.enumerated() {
      let local = row - strip.rows.lowerBound
      memory.queryKeyValue[rows: local..<local + 1].add(residual: memory.projectedFirst[rows: index..<index + 1])
    }
  }

  /// What is left of the last layer where only first rows are wanted.
  private func transformFirstRows(_ strip: Strip, _ layer: LayerWeights<Int8Linear>, _ memory: StripScratch) {
    let pieces = strip.pieces.compactMap(\.firstRow)
    guard !pieces.isEmpty else { return }
    attend(pieces, memory)
    let all = 0..<pieces.count
    for (index, piece) in pieces.enumerated() {
      memory.first[rows: index..<index + 1].set(scratch.hidden[rows: piece.rows])
    }
    transform(strip, layer, memory, memory.first[rows: all], memory.quantizedFirst[rows: all])
    for (index, piece) in pieces.enumerated() {
      scratch.hidden[rows: piece.rows].set(memory.first[rows: index..<index + 1])
    }
  }

  /// context = attention of some rows, laid end to end.
  private func attend(_ pieces: [Strip.Piece], _ memory: StripScratch) {
    profile.measure(.attention) {
      var row = 0
      for piece in pieces {
        let rows = row..<row + piece.rows.count
        scratch.heads.attend(
          sequence: piece.sequence, first: piece.first, into: memory.context[rows: rows], workspace: memory.attention)
        row = rows.upperBound
      }
    }
  }

  /// hidden = LayerNorm(context · W + b + hidden), then
  /// hidden = LayerNorm(activation(hidden · W₁ + b₁) · W₂ + b₂ + hidden), each with the expert's bottleneck in it where
  /// there is one.
  private func transform(
    _ strip: Strip, _ layer: LayerWeights<Int8Linear>, _ memory: StripScratch, _ hidden: MatrixWindow,
    _ quantized: QuantizedWindow
  ) {
    let rows = 0..<hidden.rows
    let context = memory.quantizedContext[rows: rows]
    profile.measure(.quantize) { context.quantize(memory.context[rows: rows]) }
    close(
      layer.attention[strip.expert, orShared: ()].output, of: context, hidden, quantized, layer.attentionNorm,
      layer.attentionBottlenecks[bottleneckOf: strip.expert], memory)

    let weights = layer.feedForward[strip.expert, orShared: ()]
    profile.measure(.linearGELU) {
      applyIntermediate(weights.intermediate, to: quantized, into: memory.intermediate[rows: rows])
    }
    let intermediate = memory.quantizedIntermediate[rows: rows]
    profile.measure(.quantize) { intermediate.quantize(memory.intermediate[rows: rows]) }
    close(
      weights.output, of: intermediate, hidden, quantized, weights.norm,
      layer.outputBottlenecks[bottleneckOf: strip.expert], memory)
  }

  /// The exact GELU, which most models have, is done before the products leave the registers.
  private func applyIntermediate(_ linear: Int8Linear, to input: QuantizedWindow, into output: MatrixWindow) {
    guard configuration.activation != .gelu else { return linear.apply(to: input, into: output, result: .gelu) }
    linear.apply(to: input, into: output)
    configuration.activation.apply(to: output)
  }
}

extension Strip {
  /// The rows that are the first of their sequences.
  fileprivate var firstRows: [Int] { pieces.compactMap { $0.first == 0 ? $0.rows.lowerBound : nil } }
}

extension Strip.Piece {
  /// The row that is its sequence's first; nil where the piece does not begin with it.
  var firstRow: Strip.Piece? {
    first == 0 ? Strip.Piece(sequence: sequence, first: 0, rows: rows.lowerBound..<rows.lowerBound + 1) : nil
  }
}
