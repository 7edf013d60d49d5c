import Checkpoint
import Tensor

/// One encoder with its weights, in one arithmetic.
protocol Encoder: Sendable {
  /// Values of all weights.
  var parameterCount: Int { get }

  /// All parts by their names in a converted file.
  var parts: [(name: String, bytes: ConstantBytes)] { get }

  /// Runs a batch.
  /// - Returns: the last layer's hidden states, rows × hidden; valid until the scratch memory is used again.
  func run(_ batch: PackedBatch, scratch: Scratch, crew: (any PassCrew)?, profile: Profile?) -> MatrixWindow
}

/// An encoder with fp32 activations.
struct FloatEncoder<Linear: FloatRowsLayer>: Encoder {
  private let configuration: Configuration
  private let weights: EncoderWeights<Linear, WeightTable>

  init(_ blueprint: ModelBlueprint, from source: some WeightsSource) throws(ModelError) {
    configuration = blueprint.configuration
    weights = try EncoderWeights(blueprint, from: source)
  }

  var parameterCount: Int { weights.parameterCount }
  var parts: [(name: String, bytes: ConstantBytes)] { weights.parts }

  func run(_ batch: PackedBatch, scratch: Scratch, crew: (any PassCrew)?, profile: Profile?) -> MatrixWindow {
    FloatPass(
      configuration: configuration, weights: weights, batch: batch, scratch: scratch.float, profile: profile
    ).run()
  }
}

/// An encoder with u8 activations and s8 weights.
struct Int8Encoder: Encoder {
  private let configuration: Configuration
  private let weights: EncoderWeights<Int8Linear, QuantizedTable>
  private let wantsFirstRowsOnly: Bool

  init(_ blueprint: ModelBlueprint, from source: some WeightsSource) throws(ModelError) {
    configuration = blueprint.configuration
    wantsFirstRowsOnly = blueprint.head.readsFirstRowsOnly
    weights = try EncoderWeights(blueprint, from: source)
  }

  var parameterCount: Int { weights.parameterCount }
  var parts: [(name: String, bytes: ConstantBytes)] { weights.parts }

  func run(_ batch: PackedBatch, scratch: Scratch, crew: (any PassCrew)?, profile: Profile?) -> MatrixWindow {
    Int8Pass(
      configuration: configuration, weights: weights, wantsFirstRowsOnly: wantsFirstRowsOnly, batch: batch,
      strips: Strip.cutting(batch, threads: (crew?.idleHelpers ?? 0) + 1), scratch: scratch.int8, profile: profile
    ).run(scratch.strip, crew: crew)
  }
}
