import Tensor

/// Candidates in the order of their scores.
public struct Ranking: Sendable {
  public struct Hit: Sendable, Equatable {
    /// Place among the candidates.
    public let index: Int
    /// The dot product with the query.
    public let score: Float
  }

  private let hits: [Hit]

  public init(query: [Float], candidates: some Sequence<[Float]>) {
    self.init(scores: candidates.map { Vector.dot(query, $0) })
  }

  /// - Parameter scores: finite, by candidate.
  public init(scores: [Float]) {
    hits = scores.enumerated().map { Hit(index: $0, score: $1) }
      .sorted { ($1.score, $0.index) < ($0.score, $1.index) }
  }

  /// The best candidates, best first, ties by index.
  public func best(_ count: Int) -> ArraySlice<Hit> { hits.prefix(count) }
}
