import Tensor

/// Scores a model's embeddings by its similarity.
public struct Comparison: Sendable {
  private let similarity: Similarity
  /// Whether the embeddings must first be divided by their lengths.
  private let normalizes: Bool

  /// - Parameter isNormalized: whether all embeddings already have length 1.
  public init(_ similarity: Similarity, isNormalized: Bool) {
    self.similarity = similarity
    normalizes = similarity == .cosine && !isNormalized
  }

  /// An embedding in the form that ``score(ofPrepared:_:)`` compares.
  public func prepared(_ embedding: [Float]) -> [Float] {
    normalizes ? Vector.normalized(embedding) : embedding
  }

  /// The score of two ``prepared(_:)`` embeddings of the same width.
  ///
  /// A cosine of unit vectors may round to slightly more than 1; it is cut to 1. NaN stays NaN, so that the caller can
  /// refuse it.
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
  /// The scoring of the model's embeddings.
  public var comparison: Comparison { Comparison(similarity, isNormalized: head.isNormalized) }
}
