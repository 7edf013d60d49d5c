import Tensor

/// The function between the two layers of a feed-forward network.
public enum Activation: String, Sendable, Equatable, Codable {
  /// GELU, exact, with erf.
  case gelu
  /// GELU, approximated with tanh.
  case geluByTanh = "gelu_tanh"
  case relu
  /// x, or x / 100 if x is negative.
  case leakyReLU = "leaky_relu"
  /// x · sigmoid(x).
  case swish
  case tanh

  /// - Parameter name: a name in transformers' `ACT2FN`; the result is nil for other functions.
  init?(name: String) {
    switch name {
    case "gelu", "gelu_python": self = .gelu
    case "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh": self = .geluByTanh
    case "relu": self = .relu
    case "leaky_relu", "leakyrelu": self = .leakyReLU
    case "swish", "silu": self = .swish
    case "tanh": self = .tanh
    default: return nil
    }
  }

  /// The supported names, for an error that lists them.
  static let names = "gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, relu, leaky_relu, swish, silu, tanh"

  /// Applies the function to each value.
  func apply(to values: MatrixWindow) {
    switch self {
    case .gelu: values.applyGELU()
    case .geluByTanh: values.applyGELUByTanh()
    case .relu: values.applyReLU()
    case .leakyReLU: values.applyLeakyReLU()
    case .swish: values.applySwish()
    case .tanh: values.applyTanh()
    }
  }
}
