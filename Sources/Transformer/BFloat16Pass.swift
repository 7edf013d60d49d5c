import Tensor

/// One run of a packed batch through one encoder with bf16 matrix products, strip by strip.
///
/// A layer has two phases, as in an ``Int8Pass``. The operands of products are rounded where they are computed. Hidden
/// states are also kept in fp32, so rounding errors do not accumulate from layer to layer.
struct BFloat16Pass {
  /// If embeddings read only first rows, the last layer does not change the other rows.
  let shape: EncoderShape
  let weights: EncoderWeights<BFloat16Linear, WeightTable>
  let batch: PackedBatch
  let strips: [Strip]
  let scratch: BFloat16Scratch
  let profile: Profile?

  private var configuration: Configuration { shape.configuration }

  /// Runs all layers.
  /// - Returns: the last layer's hidden states, rows × hidden; valid until the scratch memory is used again.
  func run(_ strip: StripScratch, crew: (any PassCrew)?) -> MatrixWindow {
    scratch.reserve(batch, configuration: configuration)
    let shared = SharedPass(
      items: [Int](repeating: strips.count, count: 2 * weights.layers.count), pause: { crew?.betweenItems() },
      run: { phase, item, strip in run(phase: phase, of: strips[item], strip.bfloat16) })
    let isShared = strips.count > 1
    if isShared { crew?.offer(shared) }
    shared.lead(strip)
    if isShared { crew?.withdraw(shared) }
    return scratch.hidden[rows: 0..<batch.rows]
  }

  private func run(phase: Int, of strip: Strip, _ memory: BFloat16StripScratch) {
    memory.reserve(rows: strip.rows.count, shape: shape)
    let layer = weights.layers[phase / 2]
    if phase.isMultiple(of: 2) {
      if phase == 0 { embed(strip) }
      project(strip, layer, memory)
    } else if shape.readsFirstRowsOnly, phase / 2 == weights.layers.count - 1 {
      transformFirstRows(strip, layer, memory)
    } else {
      attend(strip.pieces, memory)
      transform(strip, layer, memory, scratch.hidden[rows: strip.rows], scratch.rounded[rows: strip.rows])
    }
  }

  private func embed(_ strip: Strip) {
    let hidden = scratch.hidden[rows: strip.rows]
    profile.measure(.embedding) {
      for piece in strip.pieces {
        for (position, row) in zip(piece.first..., piece.rows) {
          let table = position < batch.firstSegmentRows[piece.sequence] ? 0 : configuration.maxPositions
          hidden.setRow(
            row - strip.rows.lowerBound, toSumOf: weights.words, row: Int(batch.tokens[row]), and: weights.positions,
            row: table + position)
        }
      }
    }
    normalize(hidden, scratch.rounded[rows: strip.rows], weights.embeddingNorm)
  }

  /// Projects the strip's rows to queries, keys and values.
  private func project(_ strip: Strip, _ layer: LayerWeights<BFloat16Linear>, _ memory: BFloat16StripScratch) {
    profile.measure(.linear) {
      layer.attention[strip.expert, orShared: ()].queryKeyValue.apply(
        to: scratch.rounded[rows: strip.rows], into: memory.queryKeyValue[rows: 0..<strip.rows.count])
    }
    profile.measure(.attention) {
      forEach(strip.pieces) { piece, rows in
        scratch.heads.split(memory.queryKeyValue[rows: rows], sequence: piece.sequence, first: piece.first)
      }
    }
  }

  /// The second phase of the last layer, if embeddings read only first rows.
  private func transformFirstRows(
    _ strip: Strip, _ layer: LayerWeights<BFloat16Linear>, _ memory: BFloat16StripScratch
  ) {
    let pieces = strip.pieces.compactMap(\.firstRow)
    guard !pieces.isEmpty else { return }
    attend(pieces, memory)
    let all = 0..<pieces.count
    for (index, piece) in pieces.enumerated() {
      memory.first[rows: index..<index + 1].set(scratch.hidden[rows: piece.rows])
    }
    transform(strip, layer, memory, memory.first[rows: all], memory.roundedFirst[rows: all])
    for (index, piece) in pieces.enumerated() {
      scratch.hidden[rows: piece.rows].set(memory.first[rows: index..<index + 1])
    }
  }

  /// context = attention of some rows, which are contiguous in the result.
  private func attend(_ pieces: [Strip.Piece], _ memory: BFloat16StripScratch) {
    profile.measure(.attention) {
      forEach(pieces) { piece, rows in
        scratch.heads.attend(
          sequence: piece.sequence, first: piece.first, into: memory.context[rows: rows], workspace: memory.attention)
      }
    }
  }

  /// Calls a closure with each piece and its rows in memory where the pieces are contiguous.
  private func forEach(_ pieces: [Strip.Piece], _ work: (Strip.Piece, Range<Int>) -> Void) {
    var row = 0
    for piece in pieces {
      work(piece, row..<row + piece.rows.count)
      row += piece.rows.count
    }
  }

  /// hidden = LayerNorm(context · W + b + hidden), then
  /// hidden = LayerNorm(activation(hidden · W₁ + b₁) · W₂ + b₂ + hidden), each with the expert's bottleneck, if there
  /// is one.
  private func transform(
    _ strip: Strip, _ layer: LayerWeights<BFloat16Linear>, _ memory: BFloat16StripScratch, _ hidden: MatrixWindow,
    _ rounded: BFloat16Window
  ) {
    let rows = 0..<hidden.rows
    close(
      layer.attention[strip.expert, orShared: ()].output, of: memory.context[rows: rows], hidden, rounded,
      layer.attentionNorm, layer.attentionBottlenecks[bottleneckOf: strip.expert], memory)
    let weights = layer.feedForward[strip.expert, orShared: ()]
    profile.measure(.linearGELU) { applyIntermediate(weights.intermediate, to: rounded, memory) }
    close(
      weights.output, of: memory.intermediate[rows: rows], hidden, rounded, weights.norm,
      layer.outputBottlenecks[bottleneckOf: strip.expert], memory)
  }

  /// The exact GELU, which most models use, runs while the sums are in the first-level cache.
  private func applyIntermediate(_ linear: BFloat16Linear, to input: BFloat16Window, _ memory: BFloat16StripScratch) {
    let rows = 0..<input.rows
    let output = memory.intermediate[rows: rows]
    guard configuration.activation != .gelu else { return linear.apply(to: input, into: output, gelu: true) }
    let wide = memory.wide[rows: rows]
    linear.apply(to: input, into: wide)
    configuration.activation.apply(to: wide)
    output.round(wide)
  }
}
