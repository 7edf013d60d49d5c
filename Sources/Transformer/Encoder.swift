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

/// The arithmetic of an encoder: the form of its weights, and the pass that uses them.
protocol EncoderArithmetic {
  associatedtype Linear: LinearLayer
  associatedtype Words: WordTable

  static func run(
    _ weights: EncoderWeights<Linear, Words>, _ shape: EncoderShape, _ batch: PackedBatch, scratch: Scratch,
    crew: (any PassCrew)?, profile: Profile?
  ) -> MatrixWindow
}

/// An encoder with weights in the form of one arithmetic.
struct WeightedEncoder<Arithmetic: EncoderArithmetic>: Encoder {
  private let shape: EncoderShape
  private let weights: EncoderWeights<Arithmetic.Linear, Arithmetic.Words>

  init(_ shape: EncoderShape, from source: some WeightsSource) throws(ModelError) {
    self.shape = shape
    weights = try EncoderWeights(shape, from: source)
  }

  var parameterCount: Int { weights.parameterCount }
  var parts: [(name: String, bytes: ConstantBytes)] { weights.parts }

  func run(_ batch: PackedBatch, scratch: Scratch, crew: (any PassCrew)?, profile: Profile?) -> MatrixWindow {
    Arithmetic.run(weights, shape, batch, scratch: scratch, crew: crew, profile: profile)
  }
}

/// fp32 activations and weights.
enum FloatArithmetic: EncoderArithmetic {
  static func run(
    _ weights: EncoderWeights<FloatLinear, WeightTable>, _ shape: EncoderShape, _ batch: PackedBatch, scratch: Scratch,
    crew: (any PassCrew)?, profile: Profile?
  ) -> MatrixWindow {
    FloatPass(shape: shape, weights: weights, batch: batch, scratch: scratch.float, profile: profile).run()
  }
}

/// bf16 matrix products.
enum BFloat16Arithmetic: EncoderArithmetic {
  static func run(
    _ weights: EncoderWeights<BFloat16Linear, WeightTable>, _ shape: EncoderShape, _ batch: PackedBatch,
    scratch: Scratch, crew: (any PassCrew)?, profile: Profile?
  ) -> MatrixWindow {
    BFloat16Pass(
      shape: shape, weights: weights, batch: batch,
      strips: Strip.cutting(batch, threads: (crew?.idleHelpers ?? 0) + 1, rows: BFloat16Linear.stripRows),
      scratch: scratch.bfloat16, profile: profile
    ).run(scratch.strip, crew: crew)
  }
}

/// u8 activations and s8 weights.
enum Int8Arithmetic: EncoderArithmetic {
  static func run(
    _ weights: EncoderWeights<Int8Linear, QuantizedTable>, _ shape: EncoderShape, _ batch: PackedBatch,
    scratch: Scratch, crew: (any PassCrew)?, profile: Profile?
  ) -> MatrixWindow {
    Int8Pass(
      shape: shape, weights: weights, batch: batch, threads: (crew?.idleHelpers ?? 0) + 1, scratch: scratch.int8,
      profile: profile
    ).run(scratch.strip, crew: crew)
  }
}
