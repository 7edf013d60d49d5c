import Checkpoint
import Tensor

/// One encoder with its weights, in one precision.
protocol Encoder: Sendable {
  /// The number of values in all weights.
  var parameterCount: Int { get }

  /// All parts by their names in a converted file.
  var parts: [(name: String, bytes: ConstantBytes)] { get }

  /// Runs a batch.
  /// - Returns: the last layer's hidden states, rows × hidden; valid until the scratch memory is used again.
  func run(_ batch: PackedBatch, scratch: Scratch, crew: (any PassCrew)?, profile: Profile?) -> MatrixWindow
}

/// An encoder with fp32 activations.
struct FloatEncoder: Encoder {
  private let shape: EncoderShape
  private let weights: EncoderWeights<FloatLinear, WeightTable>

  init(_ shape: EncoderShape, from source: some WeightsSource) throws(ModelError) {
    self.shape = shape
    weights = try EncoderWeights(shape, from: source)
  }

  var parameterCount: Int { weights.parameterCount }
  var parts: [(name: String, bytes: ConstantBytes)] { weights.parts }

  func run(_ batch: PackedBatch, scratch: Scratch, crew: (any PassCrew)?, profile: Profile?) -> MatrixWindow {
    FloatPass(shape: shape, weights: weights, batch: batch, scratch: scratch.float, profile: profile).run()
  }
}

/// An encoder with bf16 matrix products.
struct BFloat16Encoder: Encoder {
  private let shape: EncoderShape
  private let weights: EncoderWeights<BFloat16Linear, WeightTable>

  init(_ shape: EncoderShape, from source: some WeightsSource) throws(ModelError) {
    self.shape = shape
    weights = try EncoderWeights(shape, from: source)
  }

  var parameterCount: Int { weights.parameterCount }
  var parts: [(name: String, bytes: ConstantBytes)] { weights.parts }

  func run(_ batch: PackedBatch, scratch: Scratch, crew: (any PassCrew)?, profile: Profile?) -> MatrixWindow {
    BFloat16Pass(
      shape: shape, weights: weights, batch: batch,
      strips: Strip.cutting(batch, threads: (crew?.idleHelpers ?? 0) + 1, rows: BFloat16Linear.stripRows),
      scratch: scratch.bfloat16, profile: profile
    ).run(scratch.strip, crew: crew)
  }
}

/// An encoder with u8 activations and s8 weights.
struct Int8Encoder: Encoder {
  private let shape: EncoderShape
  private let weights: EncoderWeights<Int8Linear, QuantizedTable>

  init(_ shape: EncoderShape, from source: some WeightsSource) throws(ModelError) {
    self.shape = shape
    weights = try EncoderWeights(shape, from: source)
  }

  var parameterCount: Int { weights.parameterCount }
  var parts: [(name: String, bytes: ConstantBytes)] { weights.parts }

  func run(_ batch: PackedBatch, scratch: Scratch, crew: (any PassCrew)?, profile: Profile?) -> MatrixWindow {
    Int8Pass(
      shape: shape, weights: weights, batch: batch, threads: (crew?.idleHelpers ?? 0) + 1, scratch: scratch.int8,
      profile: profile
    ).run(scratch.strip, crew: crew)
  }
}
