import Tensor

/// The arithmetic of an encoder.
public enum EncoderPrecision: String, Sendable, CaseIterable, Codable {
  /// s8 weights by output channel, u8 activations by token, exact sums; what lies between is fp32.
  case int8
  /// Linear layers with weights and inputs in bf16 and fp32 sums; the rest is fp32.
  case bf16
  case fp32

  /// Whether the kernels in use have it.
  public var isAvailable: Bool { self != .bf16 || BFloat16Linear.isAvailable }
}
