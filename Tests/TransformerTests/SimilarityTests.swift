import TestSupport
import Testing

@testable import Transformer

/// How embeddings are compared.
@Suite struct SimilarityTests {
  @Test func dotIsTheDotProduct() {
    #expect(Similarity.dot.score([1, -2, 3], [4, 5, 6]) == 12)
    #expect(Similarity.dot.scores(of: [1, -2], with: [[1, 1], [0, -3], [2, 0]]) == [-1, 6, 2])
  }

  @Test func cosineDoesNotDependOnLengths() {
    #expect(Similarity.cosine.score([3, 0], [5, 0]) == 1)
    #expect(Similarity.cosine.score([3, 0], [0, 7]) == 0)
    #expect(Similarity.cosine.score([0, 0], [0, 7]) == 0)
    #expect(Similarity.cosine.scores(of: [1, 1], with: [[-2, -2], [1, 0]])[0] == -1)
  }

  /// Unit vectors' products round to more than 1 for some of these.
  @Test func noCosineIsAboveOne() {
    var generator = SeededGenerator(seed: 91)
    for width in [1, 3, 16, 32, 384] {
      for _ in 0..<2_000 {
        let vector = (0..<width).map { _ in Float.random(in: -1...1, using: &generator) }
        let scores = Similarity.cosine.scores(of: vector, with: [vector, vector.map { -$0 }])
        #expect(scores[0] <= 1 && scores[0] > 0.999_99)
        #expect(scores[1] >= -1 && scores[1] < -0.999_99)
      }
    }
  }

  @Test func whatIsNoNumberStaysNone() {
    #expect(Similarity.cosine.score([.nan], [1]).isNaN)
    #expect(!Similarity.dot.score([3e38, 3e38], [3e38, -3e38]).isFinite)
  }
}
