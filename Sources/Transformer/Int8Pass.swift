import Tensor

/// One run of a packed batch through one encoder with int8 matrix products, strip by strip.
///
/// A layer takes two phases: first the keys and values of all rows, then everything else, for which a strip needs no
/// other strip. So threads that share a pass meet twice a layer.
struct Int8Pass {
  let configuration: Configuration
  let weights: EncoderWeights<Int8Linear, QuantizedTable>
  let batch: PackedBatch
  let strips: [Strip]
  let scratch: Int8Scratch
  let profile: Profile?

  /// Runs all layers.
  /// - Returns: the last layer's hidden states, rows × hidden; valid until the scratch memory is used again.
  func run(_ strip: StripScratch, crew: (any PassCrew)?) -> MatrixWindow {
    scratch.reserve(batch, configuration: configuration)
    let shared = SharedPass(phases: 2 * weights.layers.count, items: strips.count) { phase, item, strip in
      run(phase: phase, of: strips[item], strip)
    }
    let isShared = strips.count > 1
    if isShared { crew?.offer(shared) }
    shared.lead(strip)
    if isShared { crew?.withdraw(shared) }
    return scratch.hidden[rows: 0..<batch.rows]
  }

  private func run(phase: Int, of strip: Strip, _ memory: StripScratch) {
    memory.reserve(rows: strip.rows.count, configuration: configuration)
    let layer = weights.layers[phase / 2]
    if phase.isMultiple(of: 2) {
      if phase == 0 { embed(strip) }
      project(strip, layer, memory)
    } else {
      attend(strip, layer, memory)
      feedForward(strip, layer, memory)
    }
  }

  private func embed(_ strip: Strip) {
    profile.measure(.embedding) {
      for piece in strip.pieces {
        scratch.hidden[rows: piece.rows].setEmbeddings(
          of: batch.tokens[piece.rows], words: weights.words, positions: weights.positions, firstPosition: piece.first)
      }
    }
    normalize(strip, weights.embeddingNorm)
  }

  /// Queries, keys and values of the strip's rows.
  private func project(_ strip: Strip, _ layer: LayerWeights<Int8Linear>, _ memory: StripScratch) {
    let projections = memory.queryKeyValue[rows: 0..<strip.rows.count]
    let weights = layer.attention[strip.expert, orShared: ()].queryKeyValue
    profile.measure(.linear) {
      weights.apply(to: scratch.quantized[rows: strip.rows], into: projections)
      projectRestOfFirstRows(strip, weights, memory)
    }
    profile.measure(.quantize) {
      for piece in strip.pieces {
        scratch.heads.split(
          memory.queryKeyValue[rows: strip.local(piece)], sequence: piece.sequence, first: piece.first)
      }
    }
  }

  /// Adds to the projections of each sequence's first row what quantising took from it.
  ///
  /// All rows of a sequence attend to its first one ([CLS]) far more than to others, so that its rounding errors do not
  /// average out in the embedding as those of other rows do.
  private func projectRestOfFirstRows(_ strip: Strip, _ weights: Int8Linear, _ memory: StripScratch) {
    let firstRows = strip.pieces.lazy.filter { $0.first == 0 }.map(\.rows.lowerBound)
    var count = 0
    for row in firstRows {
      memory.rest[rows: count..<count + 1].setRest(
        of: scratch.hidden[rows: row..<row + 1], quantized: scratch.quantized[rows: row..<row + 1])
      count += 1
    }
    let quantized = memory.quantizedRest[rows: 0..<count]
    quantized.quantize(memory.rest[rows: 0..<count])
    weights.apply(to: quantized, into: memory.projectedRest[rows: 0..<count], result: .unbiased)
    for (index, row) in firstRows.enumerated() {
      let local = row - strip.rows.lowerBound
      memory.queryKeyValue[rows: local..<local + 1].add(residual: memory.projectedRest[rows: index..<index + 1])
    }
  }

  /// hidden = LayerNorm(attention(hidden) · W + b + hidden).
  private func attend(_ strip: Strip, _ layer: LayerWeights<Int8Linear>, _ memory: StripScratch) {
    let rows = 0..<strip.rows.count
    profile.measure(.attention) {
      for piece in strip.pieces {
        scratch.heads.attend(
          sequence: piece.sequence, first: piece.first, into: memory.context[rows: strip.local(piece)],
          workspace: memory.attention)
      }
    }
    let context = memory.quantizedContext[rows: rows]
    profile.measure(.quantize) { context.quantize(memory.context[rows: rows]) }
    profile.measure(.linear) {
      layer.attention[strip.expert, orShared: ()].output.apply(
        to: context, into: scratch.hidden[rows: strip.rows], result: .added)
    }
    normalize(strip, layer.attentionNorm)
  }

  /// hidden = LayerNorm(GELU(hidden · W₁ + b₁) · W₂ + b₂ + hidden).
  private func feedForward(_ strip: Strip, _ layer: LayerWeights<Int8Linear>, _ memory: StripScratch) {
    let rows = 0..<strip.rows.count
    let weights = layer.feedForward[strip.expert, orShared: ()]
    profile.measure(.linearGELU) {
      weights.intermediate.apply(
        to: scratch.quantized[rows: strip.rows], into: memory.intermediate[rows: rows], result: .gelu)
    }
    let intermediate = memory.quantizedIntermediate[rows: rows]
    profile.measure(.quantize) { intermediate.quantize(memory.intermediate[rows: rows]) }
    profile.measure(.linear) {
      weights.output.apply(to: intermediate, into: scratch.hidden[rows: strip.rows], result: .added)
    }
    normalize(strip, weights.norm)
  }

  private func normalize(_ strip: Strip, _ norm: LayerNormWeights) {
    profile.measure(.layerNorm) {
      scratch.hidden[rows: strip.rows].normalize(norm, quantizedInto: scratch.quantized[rows: strip.rows])
    }
  }
}

extension Strip {
  /// A piece's rows within the strip.
  fileprivate func local(_ piece: Piece) -> Range<Int> {
    piece.rows.lowerBound - rows.lowerBound..<piece.rows.upperBound - rows.lowerBound
  }
}

extension Array {
  /// The element of an expert, or the only one, which all experts share.
  fileprivate subscript(expert: Int, orShared _: Void) -> Element { count > 1 ? self[expert] : self[0] }
}
