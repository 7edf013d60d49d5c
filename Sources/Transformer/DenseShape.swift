/// The shape of a `Dense` module of sentence-transformers: y = activation(W · x + b), optionally plus x or R · x.
public struct DenseShape: Sendable, Equatable, Codable {
  public enum Activation: String, Sendable, Codable {
    case identity, tanh, relu, gelu
  }

  public enum Residual: String, Sendable, Codable {
    case none
    /// x itself; it has as many values as y.
    case input
    /// R · x.
    case projected
  }

  public let inputs: Int
  public let outputs: Int
  public let hasBias: Bool
  public let activation: Activation
  public let residual: Residual

  static let largest = 65_536
}
