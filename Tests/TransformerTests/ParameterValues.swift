import Checkpoint

@testable import Transformer

extension EncoderParameters {
  /// Parameters like those of a checkpoint named `model.ckpt`.
  init(_ values: [String: CheckpointValue]) {
    self.init(file: "model.ckpt", values: values)
  }

  /// Parameters of an expert model.
  static func experts(_ rule: String, count: Int = 3) -> EncoderParameters {
    EncoderParameters(["use_moe": .bool(true), "moe_type": .string(rule), "num_expert": .int(count)])
  }
}
