import Tensor

/// Scores a model's embeddings by its similarity.
public struct Comparison: Sendable {
  private let similarity: Similarity
  /// Whether the embeddings must be divided by their lengths first.
  private let normalizes: Bool

  /// - Parameter isNormalized: whether all embeddings have length 1 already.
  public init(_ similarity: Similarity, isNormalized: Bool) {
    self.similarity = similarity
    normalizes = similarity == .cosine && !isNormalized
  }

  /// An embedding in the form that ``score(ofPrepared:_:)`` compares.
  public func prepared(_ embedding: [Float]) -> [Float] {
    normalizes ? Vector.normalized(embedding) : embedding
  }

  /// The score of two embeddings of one width that are ``prepared(_:)``.
  ///
  /// A cosine of unit vectors may round to a little more than 1; it is cut there. NaN stays NaN, so that it can be refused.
  public func score(ofPrepared a: [Float], _ b: [Float]) -> Float {
    let product = Vector.dot(a, b)
    guard similarity == .cosine else { return product }
    return product > 1 ? 1 : product < -1 ? -1 : product
  }

  /// The scores of candidates for a query.
  public func scores(of query: [Float], with candidates: some Sequence<[Float]>) -> [Float] {
    let query = prepared(query)
    return candidates.map { score(ofPrepared: query, prepared($0)) }
  }
}

extension ModelBlueprint {
  /// How embeddings of the model are scored.
  public var comparison: Comparison { Comparison(similarity, isNormalized: head.isNormalized) }
}
