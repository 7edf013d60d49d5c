import Checkpoint
import Tensor

/// A BERT encoder in memory, vanilla or with experts, ready to embed.
///
/// Immutable: any number of threads may encode at once, each with its own ``Scratch``.
public final class EncoderModel: Sendable {
  public let blueprint: ModelBlueprint
  private let queryEncoder: EncoderWeights
  private let candidateEncoder: EncoderWeights?

  /// Rows of one pass: more gain no speed, and fewer leave the cache to the weights.
  private static let maxRowsOfPass = 1_024

  /// Reads the weights.
  /// - Throws: ``ModelError`` for a tensor that is missing, misshapen or not finite.
  public init(_ blueprint: ModelBlueprint) throws(ModelError) {
    self.blueprint = blueprint
    queryEncoder = try EncoderWeights(blueprint, prefix: blueprint.queryPrefix)
    candidateEncoder = try blueprint.candidatePrefix.map { prefix throws(ModelError) in
      try EncoderWeights(blueprint, prefix: prefix)
    }
  }

  /// Values of all weights, both encoders' where there are two.
  public var parameterCount: Int {
    queryEncoder.parameterCount + (candidateEncoder?.parameterCount ?? 0)
  }

  /// Embeds sequences, packed without padding, on the calling thread.
  ///
  /// What shares a call with a sequence may change its embedding by rounding alone.
  /// - Parameter inputs: every token below the vocabulary's size, no sequence longer than the model's positions.
  /// - Returns: one embedding of ``dimensions`` values an input, in the inputs' order.
  public func encode(_ inputs: [EncoderInput], scratch: Scratch) -> [[Float]] {
    var embeddings = [[Float]](repeating: [], count: inputs.count)
    for (weights, indices) in assignments(inputs) {
      for batch in PackedBatch.packing(inputs, indices: indices, maxRows: Self.maxRowsOfPass) {
        let pass = EncoderPass(configuration: blueprint.configuration, weights: weights, batch: batch, scratch: scratch)
        let hidden = pass.run()
        for (sequence, index) in zip(batch.sequences, batch.inputIndices) {
          embeddings[index] = pool(hidden, rows: sequence)
        }
      }
    }
    return embeddings
  }

  /// The inputs that each encoder reads.
  private func assignments(_ inputs: [EncoderInput]) -> [(EncoderWeights, [Int])] {
    guard let candidateEncoder else { return [(queryEncoder, Array(inputs.indices))] }
    return [
      (queryEncoder, inputs.indices.filter { inputs[$0].role == .query }),
      (candidateEncoder, inputs.indices.filter { inputs[$0].role == .candidate }),
    ]
  }

  private func pool(_ hidden: MatrixWindow, rows: Range<Int>) -> [Float] {
    let pooled =
      switch blueprint.pooling.method {
      case .cls: hidden.row(rows.lowerBound)
      case .mean: hidden.mean(ofRows: rows)
      }
    return blueprint.pooling.normalize ? Vector.normalized(pooled) : pooled
  }
}
