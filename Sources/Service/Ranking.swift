/// Candidates ordered by score.
public struct Ranking: Sendable {
  public struct Hit: Sendable, Equatable {
    /// The candidate's position in the request.
    public let index: Int
    /// The score, by the model's similarity.
    public let score: Float
  }

  private let hits: [Hit]

  /// - Parameter scores: finite scores, by candidate.
  public init(scores: [Float]) {
    hits = scores.enumerated().map { Hit(index: $0, score: $1) }
      .sorted { ($1.score, $0.index) < ($0.score, $1.index) }
  }

  /// The best candidates, best first, ties by index.
  public func best(_ count: Int) -> ArraySlice<Hit> { hits.prefix(count) }
}
