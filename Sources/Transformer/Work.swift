/// How much arithmetic an encoder does.
extension ModelBlueprint {
  /// Multiplications with addition (MACs) of all matrix products for a sequence, embeddings and norms aside.
  public func products(tokens: Int) -> Int {
    let (hidden, wide) = (configuration.hiddenSize, configuration.feedForwardSize)
    let linear = 4 * hidden * hidden + 2 * hidden * wide
    let attention = 2 * hidden * tokens
    return configuration.layers * tokens * (linear + attention)
  }
}
