/// Candidates in the order of their scores.
public struct Ranking: Sendable {
  public struct Hit: Sendable, Equatable {
    /// Place among the candidates.
    public let index: Int
    /// By the model's similarity.
    public let score: Float
  }

  private let hits: [Hit]

  /// - Parameter scores: finite, by candidate.
  public init(scores: [Float]) {
    hits = scores.enumerated().map { Hit(index: $0, score: $1) }
      .sorted { ($1.score, $0.index) < ($0.score, $1.index) }
  }

  /// The best candidates, best first, ties by index.
  public func best(_ count: Int) -> ArraySlice<Hit> { hits.prefix(count) }
}
