import Checkpoint
import Tensor

/// BERT encoders in memory, one or more, with or without experts, ready to embed.
///
/// Immutable: any number of threads may encode at once, each with its own ``Scratch``.
public final class EncoderModel: Sendable {
  public let blueprint: ModelBlueprint
  public let precision: EncoderPrecision
  let encoders: [any Encoder]
  /// SHA-256 over all weights in fp32.
  public let weightsDigest: [UInt8]
  let headWeights: HeadWeights

  /// Reads the weights, and quantises and packs them as the arithmetic needs.
  /// - Parameter requested: nil for the precision of a converted file, otherwise int8.
  /// - Throws: `ModelError` for a tensor that is missing, has the wrong shape or is not finite, or for a converted file
  ///   of another precision.
  public init(_ blueprint: ModelBlueprint, precision requested: EncoderPrecision? = nil) throws(ModelError) {
    self.blueprint = blueprint
    let precision = try blueprint.precision(requested: requested)
    self.precision = precision
    func encoder(_ index: Int, _ source: some WeightsSource) throws(ModelError) -> any Encoder {
      let shape = blueprint.shape(ofEncoder: index)
      return switch precision {
      case .fp32: try WeightedEncoder<FloatArithmetic>(shape, from: source)
      case .bf16: try WeightedEncoder<BFloat16Arithmetic>(shape, from: source)
      case .int8: try WeightedEncoder<Int8Arithmetic>(shape, from: source)
      }
    }
    let digests = PartDigests()
    var encoders: [any Encoder] = []
    for index in blueprint.layouts.indices {
      switch blueprint.storage {
      case .checkpoint(let checkpoints, _):
        encoders.append(
          try encoder(
            index,
            CheckpointSource(
              checkpoints[index], place: index, configuration: blueprint.configuration, digests: digests)))
      case .converted(let file, let model):
        encoders.append(
          try encoder(index, ConvertedSource(file: file, instructionSet: model.instructionSet, encoder: index)))
      }
    }
    self.encoders = encoders
    let shapes = blueprint.head.denseShapes
    switch blueprint.storage {
    case .checkpoint(_, let files):
      headWeights = try HeadWeights(shapes, files: files)
      headWeights.add(to: digests)
      weightsDigest = digests.finish()
    case .converted(let file, let model):
      headWeights = try HeadWeights(shapes, converted: file)
      weightsDigest = model.weightsDigest
    }
  }

  /// The number of values in all weights of all encoders.
  public var parameterCount: Int { encoders.reduce(headWeights.parameterCount) { $0 + $1.parameterCount } }

  /// Embeds sequences, packed without padding, on the calling thread and on helpers that join it.
  ///
  /// In int8 and bf16, an embedding does not depend on other inputs of the call, or on the helpers. In fp32, it may
  /// change by rounding.
  /// - Parameters:
  ///   - inputs: every token below the vocabulary's size, no sequence longer than the model's positions.
  ///   - crew: threads that may help.
  ///   - profile: records the time of each stage; only without a crew.
  /// - Returns: one embedding of `dimensions` values for each input, in the inputs' order.
  public func encode(
    _ inputs: [EncoderInput], scratch: Scratch, crew: (any PassCrew)? = nil, profile: Profile? = nil
  ) -> [[Float]] {
    precondition(crew == nil || profile == nil, "a profile is one thread's")
    var embeddings = [[Float]](repeating: [], count: inputs.count)
    let routes = inputs.map { blueprint.routing[$0.task, $0.role] }
    for (place, encoder) in encoders.enumerated() {
      let indices = routes.indices.filter { routes[$0].encoder == place }
      let batches = PackedBatch.packing(inputs, indices: indices, maxRows: PackedBatch.maxRowsOfPass) {
        routes[$0].expert
      }
      for batch in batches {
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
}
