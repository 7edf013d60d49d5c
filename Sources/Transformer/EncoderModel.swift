import Checkpoint
import Tensor

/// A BERT encoder in memory, vanilla or with experts, ready to embed.
///
/// Immutable: any number of threads may encode at once, each with its own ``Scratch``.
public final class EncoderModel: Sendable {
  public let blueprint: ModelBlueprint
  public let precision: EncoderPrecision
  private let queryEncoder: any Encoder
  private let candidateEncoder: (any Encoder)?
  let headWeights: HeadWeights

  /// Reads the weights, and quantises and packs them as the arithmetic asks for.
  /// - Parameter requested: nil for that of a converted file, else int8.
  /// - Throws: `ModelError` for a tensor that is missing, misshapen or not finite, or a converted file of another
  ///   precision.
  public init(_ blueprint: ModelBlueprint, precision requested: EncoderPrecision? = nil) throws(ModelError) {
    self.blueprint = blueprint
    let precision = try blueprint.precision(requested: requested)
    self.precision = precision
    func encoder(_ source: some WeightsSource) throws(ModelError) -> any Encoder {
      switch precision {
      case .fp32: try FloatEncoder<FloatLinear>(blueprint, from: source)
      case .bf16: try FloatEncoder<BFloat16Linear>(blueprint, from: source)
      case .int8: try Int8Encoder(blueprint, from: source)
      }
    }
    func encoder(_ role: EncodingRole) throws(ModelError) -> any Encoder {
      switch blueprint.storage {
      case .checkpoint(let file, let prefixes, _):
        try encoder(
          CheckpointSource(file: file, prefix: prefixes[role] ?? "", configuration: blueprint.configuration))
      case .converted(let file, let model):
        try encoder(ConvertedSource(file: file, instructionSet: model.instructionSet, role: role))
      }
    }
    queryEncoder = try encoder(.query)
    candidateEncoder = blueprint.hasSeparateEncoders ? try encoder(.candidate) : nil
    let shapes = blueprint.head.denseShapes
    switch blueprint.storage {
    case .checkpoint(_, _, let files): headWeights = try HeadWeights(shapes, files: files)
    case .converted(let file, _): headWeights = try HeadWeights(shapes, converted: file)
    }
  }

  /// The encoders by the role whose texts they read; one of queries reads candidates too where it is the only one.
  var encoders: [(EncodingRole, any Encoder)] {
    [(.query, queryEncoder)] + (candidateEncoder.map { [(.candidate, $0)] } ?? [])
  }

  /// Values of all weights, both encoders' where there are two.
  public var parameterCount: Int {
    queryEncoder.parameterCount + (candidateEncoder?.parameterCount ?? 0) + headWeights.parameterCount
  }

  /// Embeds sequences, packed without padding, on the calling thread and on helpers that join it.
  ///
  /// In int8 an embedding does not depend on what shares the call, or on the helpers; in the other precisions it may
  /// change by rounding alone.
  /// - Parameters:
  ///   - inputs: every token below the vocabulary's size, no sequence longer than the model's positions.
  ///   - crew: threads that may help.
  ///   - profile: takes the time of each stage; without a crew only.
  /// - Returns: one embedding of `dimensions` values an input, in the inputs' order.
  public func encode(
    _ inputs: [EncoderInput], scratch: Scratch, crew: (any PassCrew)? = nil, profile: Profile? = nil
  ) -> [[Float]] {
    precondition(crew == nil || profile == nil, "a profile is one thread's")
    var embeddings = [[Float]](repeating: [], count: inputs.count)
    for (encoder, indices) in assignments(inputs) {
      for batch in PackedBatch.packing(inputs, indices: indices, maxRows: PackedBatch.maxRowsOfPass) {
        let hidden = encoder.run(batch, scratch: scratch, crew: crew, profile: profile)
        for (sequence, index) in zip(batch.sequences, batch.inputIndices) {
          embeddings[index] = profile.measure(.pooling) {
            blueprint.head.embedding(
              of: hidden, rows: sequence, promptRows: inputs[index].promptTokens, weights: headWeights)
          }
        }
        crew?.betweenItems()
      }
    }
    return embeddings
  }

  /// The inputs that each encoder reads.
  private func assignments(_ inputs: [EncoderInput]) -> [(any Encoder, [Int])] {
    guard let candidateEncoder else { return [(queryEncoder, Array(inputs.indices))] }
    return [
      (queryEncoder, inputs.indices.filter { inputs[$0].role == .query }),
      (candidateEncoder, inputs.indices.filter { inputs[$0].role == .candidate }),
    ]
  }
}
