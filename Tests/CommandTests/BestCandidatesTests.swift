import JSON
import TestSupport
import Testing

@testable import scimult

/// Keeps only the best of many candidates.
@Suite struct BestCandidatesTests {
  @Test(arguments: [1, 2, 10, 499, 500, 501, .max], 0..<5 as Range<UInt64>)
  func resultsEqualThoseOfASort(limit: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let scores = (0..<500).map { _ in Float(Int.random(in: -20...20, using: &generator)) }
    var best = BestCandidates(limit: limit)
    for (index, score) in scores.enumerated() { best.add(index: index, id: .number(JSONNumber(index)), score: score) }
    let sorted = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    #expect(best.ranked.map(\.index) == Array(sorted.prefix(limit)))
    #expect(best.ranked.allSatisfy { $0.id == .number(JSONNumber($0.index)) && $0.score == scores[$0.index] })
  }

  @Test func noCandidatesGiveNoResults() {
    #expect(BestCandidates(limit: 3).ranked.isEmpty)
  }
}
