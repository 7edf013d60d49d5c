import Tensor

/// The arithmetic of an encoder.
public enum EncoderPrecision: String, Sendable, CaseIterable, Codable {
  /// s8 weights with a scale per output channel, u8 activations with a scale per token, exact sums; everything between
  /// is fp32.
  case int8
  /// Linear layers with weights and inputs in bf16 and fp32 sums; everything else is fp32.
  case bf16
  case fp32

  /// Whether the current kernels support the precision.
  public var isAvailable: Bool { self != .bf16 || BFloat16Linear.isAvailable }
}
