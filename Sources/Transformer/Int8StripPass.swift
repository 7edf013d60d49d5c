import Tensor

/// The pass of one strip through the layers, stage by stage, in int8.
///
/// If threads share a strip, each stage is divided into `parts`: linear layers by outputs, attention by heads, the
/// other stages by rows. The division does not change a bit of the result.
///
/// This is a class, so that a stage keeps one reference instead of one to each part of the model.
final class Int8StripPass {
  /// If embeddings read only first rows, the last layer does not change the other rows.
  let shape: EncoderShape
  let weights: EncoderWeights<Int8Linear, QuantizedTable>
  let batch: PackedBatch
  /// The activations of all strips.
  let scratch: Int8Scratch
  let strip: Strip
  /// The strip's own activations.
  let memory: StripScratch
  let parts: Int

  init(
    shape: EncoderShape, weights: EncoderWeights<Int8Linear, QuantizedTable>, batch: PackedBatch, scratch: Int8Scratch,
    strip: Strip, memory: StripScratch, parts: Int
  ) {
    self.shape = shape
    self.weights = weights
    self.batch = batch
    self.scratch = scratch
    self.strip = strip
    self.memory = memory
    self.parts = parts
  }

  /// The number of stages in a layer without bottlenecks.
  static let stagesOfLayer = 11

  private var configuration: Configuration { shape.configuration }
  private var hidden: MatrixWindow { scratch.hidden[rows: strip.rows] }
  private var quantized: QuantizedWindow { scratch.quantized[rows: strip.rows] }

  /// hidden = LayerNorm(word + position).
  func addEmbedding(to stages: inout [PassStage]) {
    stages.append(PassStage(.embedding) { [self] in embed() })
    addNorm(hidden, quantized, weights.embeddingNorm, to: &stages)
  }

  private func embed() {
    for piece in strip.pieces {
      let firstSegmentRows = min(max(batch.firstSegmentRows[piece.sequence] - piece.first, 0), piece.rows.count)
      let cut = piece.rows.lowerBound + firstSegmentRows
      embed(piece.rows.lowerBound..<cut, firstPosition: piece.first)
      embed(cut..<piece.rows.upperBound, firstPosition: configuration.maxPositions + piece.first + firstSegmentRows)
    }
  }

  /// - Parameter firstPosition: the row of the position table for the first of `rows`.
  private func embed(_ rows: Range<Int>, firstPosition: Int) {
    guard !rows.isEmpty else { return }
    scratch.hidden[rows: rows].setEmbeddings(
      of: batch.tokens[rows], words: weights.words, positions: weights.positions, firstPosition: firstPosition)
  }

  /// Projects the strip's rows to queries, keys and values.
  ///
  /// The quantisation error of each sequence's first row ([CLS]) is projected too, and added. All rows of a sequence
  /// attend to the first row far more than to the others, so its rounding errors do not average out in the embedding.
  func addProjection(layer: Int, to stages: inout [PassStage]) {
    let linear = weights.layers[layer].attention[strip.expert, orShared: ()].queryKeyValue
    let firstRows = strip.firstRows
    let all = 0..<firstRows.count
    let local = firstRows.map { $0 - strip.rows.lowerBound }
    let projected = memory.queryKeyValue[rows: 0..<strip.rows.count]
    stages.append(
      PassStage(.quantize, cuts(ofRows: firstRows.count)) { [self] indices in
        for index in indices {
          memory.first[rows: index..<index + 1].setRest(
            of: scratch.hidden[rows: firstRows[index]..<firstRows[index] + 1],
            quantized: scratch.quantized[rows: firstRows[index]..<firstRows[index] + 1])
        }
        memory.quantizedFirst[rows: indices].quantize(memory.first[rows: indices])
      })
    stages.append(
      PassStage(.linear, linear.cuts(into: parts)) { [self] columns in
        linear.apply(to: quantized, into: projected, columns: columns)
        linear.apply(
          to: memory.quantizedFirst[rows: all], into: memory.projectedFirst[rows: all], result: .unbiased,
          columns: columns)
        for index in all {
          memory.queryKeyValue[rows: local[index]..<local[index] + 1, columns: columns].add(
            residual: memory.projectedFirst[rows: index..<index + 1, columns: columns])
        }
      })
    stages.append(
      PassStage(.quantize, items: strip.pieces.count) { [self] item, _ in
        let piece = strip.pieces[item]
        let first = piece.rows.lowerBound - strip.rows.lowerBound
        scratch.heads.split(
          memory.queryKeyValue[rows: first..<first + piece.rows.count], sequence: piece.sequence, first: piece.first)
      })
  }

  /// hidden = LayerNorm(attention · W + b + hidden), then
  /// hidden = LayerNorm(activation(hidden · W₁ + b₁) · W₂ + b₂ + hidden), each with the expert's bottleneck, if there
  /// is one.
  func addTransformation(layer: Int, to stages: inout [PassStage]) {
    guard shape.readsFirstRowsOnly, layer == weights.layers.count - 1 else {
      addAttention(strip.pieces, to: &stages)
      return addTransformation(layer: layer, hidden, quantized, to: &stages)
    }
    let pieces = strip.pieces.compactMap(\.firstRow)
    guard !pieces.isEmpty else { return }
    addAttention(pieces, to: &stages)
    stages.append(
      PassStage(.attention) { [self] in
        for (index, piece) in pieces.enumerated() {
          memory.first[rows: index..<index + 1].set(scratch.hidden[rows: piece.rows])
        }
      })
    addTransformation(
      layer: layer, memory.first[rows: pieces.indices], memory.quantizedFirst[rows: pieces.indices],
      to: &stages)
    stages.append(
      PassStage(.attention) { [self] in
        for (index, piece) in pieces.enumerated() {
          scratch.hidden[rows: piece.rows].set(memory.first[rows: index..<index + 1])
        }
      })
  }

  /// context = attention of some rows, which are contiguous in the result.
  private func addAttention(_ pieces: [Strip.Piece], to stages: inout [PassStage]) {
    let heads = Cuts(of: configuration.heads, into: parts)
    stages.append(
      PassStage(.attention, items: heads.count) { [self] item, workspace in
        var row = 0
        for piece in pieces {
          let rows = row..<row + piece.rows.count
          scratch.heads.attend(
            sequence: piece.sequence, first: piece.first, heads: heads[item], into: memory.context[rows: rows],
            workspace: workspace)
          row = rows.upperBound
        }
      })
  }

  private func addTransformation(
    layer: Int, _ hidden: MatrixWindow, _ quantized: QuantizedWindow, to stages: inout [PassStage]
  ) {
    let layer = weights.layers[layer]
    let rows = 0..<hidden.rows
    let context = memory.quantizedContext[rows: rows]
    addQuantization(of: memory.context[rows: rows], into: context, to: &stages)
    addClosing(
      layer.attention[strip.expert, orShared: ()].output, of: context, hidden, quantized, layer.attentionNorm,
      layer.attentionBottlenecks[bottleneckOf: strip.expert], to: &stages)

    let feedForward = layer.feedForward[strip.expert, orShared: ()]
    let intermediate = memory.quantizedIntermediate[rows: rows]
    addActivation(feedForward.intermediate, of: quantized, into: memory.intermediate[rows: rows], to: &stages)
    addQuantization(of: memory.intermediate[rows: rows], into: intermediate, to: &stages)
    addClosing(
      feedForward.output, of: intermediate, hidden, quantized, feedForward.norm,
      layer.outputBottlenecks[bottleneckOf: strip.expert], to: &stages)
  }

  /// output = activation(input · W + b). The exact GELU, which most models use, runs while the sums are still in
  /// registers.
  private func addActivation(
    _ linear: Int8Linear, of input: QuantizedWindow, into output: MatrixWindow, to stages: inout [PassStage]
  ) {
    let activation = configuration.activation
    stages.append(
      PassStage(.linearGELU, linear.cuts(into: parts)) { columns in
        linear.apply(to: input, into: output, result: activation == .gelu ? .gelu : .stored, columns: columns)
        if activation != .gelu { activation.apply(to: output[columns: columns]) }
      })
  }

  func addQuantization(of source: MatrixWindow, into quantized: QuantizedWindow, to stages: inout [PassStage]) {
    stages.append(PassStage(.quantize, cuts(ofRows: source.rows)) { quantized[rows: $0].quantize(source[rows: $0]) })
  }

  func addNorm(
    _ hidden: MatrixWindow, _ quantized: QuantizedWindow, _ norm: LayerNormWeights, to stages: inout [PassStage]
  ) {
    stages.append(
      PassStage(.layerNorm, cuts(ofRows: hidden.rows)) {
        hidden[rows: $0].normalize(norm, quantizedInto: quantized[rows: $0])
      })
  }

  private func cuts(ofRows rows: Int) -> Cuts { Cuts(of: rows, into: min(parts, rows / Self.minRowsOfPart)) }

  /// The minimum number of rows in an item, for stages that do little work per row.
  private static let minRowsOfPart = 2
}

extension Strip {
  /// The rows that are the first row of a sequence.
  fileprivate var firstRows: [Int] { pieces.compactMap { $0.first == 0 ? $0.rows.lowerBound : nil } }
}

extension Strip.Piece {
  /// The sequence's first row; nil if the piece does not start with it.
  var firstRow: Strip.Piece? {
    first == 0 ? Strip.Piece(sequence: sequence, first: 0, rows: rows.lowerBound..<rows.lowerBound + 1) : nil
  }
}
