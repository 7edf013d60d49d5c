import Tensor

/// Turns the last layer's hidden states into an embedding: pooling, then further steps, then truncation.
public struct Head: Sendable, Equatable, Codable {
  /// A step after pooling.
  public enum Step: Sendable, Equatable, Codable {
    /// A layer of ``HeadWeights``.
    case dense(DenseShape)
    /// Divides by the Euclidean length.
    case normalize
  }

  public let pooling: Pooling
  public let steps: [Step]
  /// The number of first values to keep; nil for all. They are not normalised again.
  public let truncatedDimensions: Int?
  /// Whether pooling counts the tokens of a prompt before the text.
  public let poolsPrompt: Bool

  init(pooling: Pooling, steps: [Step] = [], truncatedDimensions: Int? = nil, poolsPrompt: Bool = true) {
    self.pooling = pooling
    self.steps = steps
    self.truncatedDimensions = truncatedDimensions
    self.poolsPrompt = poolsPrompt
  }

  /// The number of values in an embedding.
  /// - Parameter hiddenSize: the encoder's hidden size.
  func dimensions(hiddenSize: Int) -> Int {
    let full = denseShapes.last?.outputs ?? pooling.methods.count * hiddenSize
    return min(full, truncatedDimensions ?? full)
  }

  /// The first dense layer whose number of inputs is not the `width` before it; nil if all fit.
  func firstMisfit(hiddenSize: Int) -> (layer: Int, inputs: Int, width: Int)? {
    var width = pooling.methods.count * hiddenSize
    for (layer, shape) in denseShapes.enumerated() {
      guard shape.inputs == width else { return (layer, shape.inputs, width) }
      width = shape.outputs
    }
    return nil
  }

  /// Whether a model's folder may describe this head.
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

  /// The dense layers for people: "768 → 384, tanh".
  public var denseDescriptions: [String] {
    denseShapes.map { "\($0.inputs) → \($0.outputs), \($0.activation.rawValue)" }
  }

  /// Whether an embedding uses only the first token's state.
  var readsFirstRowsOnly: Bool { pooling.methods == [.cls] && poolsPrompt }

  /// The embedding of one sequence.
  ///
  /// A value that is not finite stays in its row to the end. But quantising rows for attention loses it, so one such
  /// value in any row makes the embedding invalid.
  /// - Parameters:
  ///   - rows: the sequence's rows in `hidden`.
  ///   - promptRows: the number of rows of a prompt at the beginning, fewer than all rows.
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
