/// The scale and shift of a layer normalisation, each 1 × width.
public struct LayerNormWeights: Sendable {
  public let gamma: WeightTable
  public let beta: WeightTable
  public let epsilon: Float

  public init(gamma: WeightTable, beta: WeightTable, epsilon: Float) {
    precondition(gamma.rows == 1 && beta.rows == 1 && gamma.columns == beta.columns)
    self.gamma = gamma
    self.beta = beta
    self.epsilon = epsilon
  }
}
