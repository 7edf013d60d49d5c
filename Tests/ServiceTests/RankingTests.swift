import Service
import TestSupport
import Testing
import Transformer

/// Candidates in the order of their scores.
@Suite struct RankingTests {
  private static func indices(_ scores: [Float], _ count: Int? = nil) -> [Int] {
    Ranking(scores: scores).best(count ?? scores.count).map(\.index)
  }

  @Test func theBestComeFirst() {
    #expect(Self.indices([0.1, 3, -2, 1]) == [1, 3, 0, 2])
  }

  @Test func tiesAreInTheOrderOfTheCandidates() {
    #expect(Self.indices([1, 2, 1, 2, 1]) == [1, 3, 0, 2, 4])
    #expect(Self.indices([0, -0.0, 0]) == [0, 1, 2])
    #expect(Self.indices(Array(repeating: 7, count: 1_000)) == Array(0..<1_000))
  }

  @Test(arguments: [(0, []), (2, [1, 3]), (4, [1, 3, 0, 2]), (100, [1, 3, 0, 2])] as [(Int, [Int])])
  func onlyTopKAreReturned(count: Int, expected: [Int]) {
    #expect(Self.indices([0.1, 3, -2, 1], count) == expected)
  }

  @Test func aScoreIsTheDotProductWithTheQuery() {
    let comparison = Comparison(.dot, isNormalized: false)
    let ranking = Ranking(scores: comparison.scores(of: [1, -2], with: [[1, 1], [0, -3], [2, 0]]))
    #expect(ranking.best(3).map(\.index) == [1, 2, 0])
    #expect(ranking.best(3).map(\.score) == [6, 2, -1])
  }

  @Test func isAStableSortOfAnyScores() {
    var generator = SeededGenerator(seed: 83)
    let scores = (0..<500).map { _ in Float(Int.random(in: -20...20, using: &generator)) }
    let hits = Ranking(scores: scores).best(500)
    for (hit, next) in zip(hits, hits.dropFirst()) {
      #expect(hit.score > next.score || (hit.score == next.score && hit.index < next.index))
    }
    #expect(hits.map(\.index).sorted() == Array(0..<500))
  }
}
