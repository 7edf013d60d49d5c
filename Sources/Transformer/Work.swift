/// The amount of arithmetic of an encoder.
extension ModelBlueprint {
  /// Multiply-accumulate operations (MACs) of all matrix products for a sequence, without embeddings and norms.
  public func products(tokens: Int) -> Int {
    let (hidden, wide) = (configuration.hiddenSize, configuration.feedForwardSize)
    let linear = 4 * hidden * hidden + 2 * hidden * wide
    let attention = 2 * hidden * tokens
    return configuration.layers * tokens * (linear + attention)
  }
}
