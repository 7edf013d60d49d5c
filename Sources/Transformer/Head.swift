import Tensor

/// What makes an embedding of the last layer's hidden states: pooling, then further steps, then a cut.
public struct Head: Sendable, Equatable, Codable {
  /// What follows on pooling, in the model's order.
  public enum Step: Sendable, Equatable, Codable {
    /// A layer of ``HeadWeights``.
    case dense(DenseShape)
    /// Divides by the Euclidean length.
    case normalize
  }

  public let pooling: Pooling
  public let steps: [Step]
  /// Values that are kept, from the first on; nil for all. What is left is not normalised again.
  public let truncatedDimensions: Int?
  /// Whether pooling counts the tokens of a prompt in front of the text.
  public let poolsPrompt: Bool

  init(pooling: Pooling, steps: [Step] = [], truncatedDimensions: Int? = nil, poolsPrompt: Bool = true) {
    self.pooling = pooling
    self.steps = steps
    self.truncatedDimensions = truncatedDimensions
    self.poolsPrompt = poolsPrompt
  }

  /// Values of an embedding.
  /// - Parameter hiddenSize: of the encoder.
  func dimensions(hiddenSize: Int) -> Int {
    let full = denseShapes.last?.outputs ?? pooling.methods.count * hiddenSize
    return min(full, truncatedDimensions ?? full)
  }

  /// The first dense layer that takes another number of values than the `width` that comes before it; nil where all fit.
  func firstMisfit(hiddenSize: Int) -> (layer: Int, inputs: Int, width: Int)? {
    var width = pooling.methods.count * hiddenSize
    for (layer, shape) in denseShapes.enumerated() {
      guard shape.inputs == width else { return (layer, shape.inputs, width) }
      width = shape.outputs
    }
    return nil
  }

  /// Whether the head is one that a model's folder may describe.
  func isServed(hiddenSize: Int) -> Bool {
    !pooling.methods.isEmpty && truncatedDimensions.map { $0 > 0 } ?? true && firstMisfit(hiddenSize: hiddenSize) == nil
      && denseShapes.allSatisfy { (1...DenseShape.largest).contains($0.outputs) }
  }

  /// Whether an embedding has length 1.
  public var isNormalized: Bool { steps.last == .normalize && truncatedDimensions == nil }

  var denseShapes: [DenseShape] {
    steps.compactMap { step in
      if case .dense(let shape) = step { shape } else { nil }
    }
  }

  /// The dense layers as a person reads them: "768 → 384, tanh".
  public var denseDescriptions: [String] {
    denseShapes.map { "\($0.inputs) → \($0.outputs), \($0.activation.rawValue)" }
  }

  /// Whether an embedding is made of the first token's state alone.
  var readsFirstRowsOnly: Bool { pooling.methods == [.cls] && poolsPrompt }

  /// The embedding of one sequence.
  ///
  /// A value that is not finite stays in its row to the end, but is lost where rows are quantised to attend to each other:
  /// so one in any row spoils the embedding.
  /// - Parameters:
  ///   - rows: the sequence's, in `hidden`.
  ///   - promptRows: those of a prompt in front, fewer than there are.
  func embedding(of hidden: MatrixWindow, rows: Range<Int>, promptRows: Int, weights: HeadWeights) -> [Float] {
    guard hidden.isFinite(rows: rows) else {
      return [Float](repeating: .nan, count: dimensions(hiddenSize: hidden.columns))
    }
    let first = rows.lowerBound + (poolsPrompt ? 0 : min(promptRows, rows.count - 1))
    var vector = pooling.vector(of: hidden, rows: rows, from: first)
    var layers = weights.layers.makeIterator()
    for step in steps {
      switch step {
      case .normalize: vector = Vector.normalized(vector)
      case .dense:
        guard let layer = layers.next() else { preconditionFailure("a dense step has no weights") }
        vector = layer.apply(to: vector)
      }
    }
    return truncatedDimensions.map { Array(vector.prefix($0)) } ?? vector
  }
}
