import Tensor

/// How two embeddings are compared, as the public contract names it.
public enum Similarity: String, Sendable, Equatable, Codable, CaseIterable {
  case dot
  /// The dot product of the embeddings divided by their lengths: from −1 to 1.
  case cosine

  /// An embedding in the form that ``score(ofPrepared:_:)`` compares.
  public func prepared(_ embedding: [Float]) -> [Float] {
    self == .cosine ? Vector.normalized(embedding) : embedding
  }

  /// The score of two embeddings of one width that are ``prepared(_:)``.
  ///
  /// A cosine of unit vectors may round to a little more than 1; it is cut there. NaN stays NaN, so that it can be refused.
  public func score(ofPrepared a: [Float], _ b: [Float]) -> Float {
    let product = Vector.dot(a, b)
    guard self == .cosine else { return product }
    return product > 1 ? 1 : product < -1 ? -1 : product
  }

  /// The scores of candidates for a query.
  public func scores(of query: [Float], with candidates: some Sequence<[Float]>) -> [Float] {
    let query = prepared(query)
    return candidates.map { score(ofPrepared: query, prepared($0)) }
  }
}
