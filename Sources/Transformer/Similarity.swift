import Tensor

/// How two embeddings are compared, as the public contract names it.
public enum Similarity: String, Sendable, Equatable, Codable, CaseIterable {
  case dot
  /// The dot product of the embeddings divided by their lengths: from −1 to 1.
  case cosine

  /// The score of two embeddings of one width.
  ///
  /// A cosine of unit vectors may round to a little more than 1; it is cut there.
  public func score(_ a: [Float], _ b: [Float]) -> Float {
    switch self {
    case .dot: Vector.dot(a, b)
    case .cosine: Self.cut(Vector.dot(Vector.normalized(a), Vector.normalized(b)))
    }
  }

  /// The scores of candidates for a query.
  public func scores(of query: [Float], with candidates: some Sequence<[Float]>) -> [Float] {
    switch self {
    case .dot: return candidates.map { Vector.dot(query, $0) }
    case .cosine:
      let unit = Vector.normalized(query)
      return candidates.map { Self.cut(Vector.dot(unit, Vector.normalized($0))) }
    }
  }

  /// NaN stays NaN, so that it can be refused.
  private static func cut(_ score: Float) -> Float {
    score > 1 ? 1 : score < -1 ? -1 : score
  }
}
