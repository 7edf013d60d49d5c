import Tensor
import TestSupport
import Testing

@testable import Transformer

/// How embeddings are compared.
@Suite struct ComparisonTests {
  private let dot = Comparison(.dot, isNormalized: false)
  private let cosine = Comparison(.cosine, isNormalized: false)
  private let cosineOfUnits = Comparison(.cosine, isNormalized: true)

  @Test func dotIsTheDotProduct() {
    #expect(dot.scores(of: [1, -2, 3], with: [[4, 5, 6]]) == [12])
    #expect(dot.scores(of: [1, -2], with: [[1, 1], [0, -3], [2, 0]]) == [-1, 6, 2])
  }

  @Test func cosineDoesNotDependOnLengths() {
    #expect(cosine.scores(of: [3, 0], with: [[5, 0], [0, 7], [0, 0]]) == [1, 0, 0])
    #expect(abs(cosine.scores(of: [1, 1], with: [[-2, -2]])[0] + 1) < 1e-6)
  }

  /// For some of these unit vectors, the rounded product exceeds 1.
  @Test func noCosineIsAboveOne() {
    var generator = SeededGenerator(seed: 91)
    for width in [1, 3, 16, 32, 384] {
      for _ in 0..<2_000 {
        let vector = (0..<width).map { _ in Float.random(in: -1...1, using: &generator) }
        let scores = cosine.scores(of: vector, with: [vector, vector.map { -$0 }])
        #expect(scores[0] <= 1 && scores[0] > 0.999_99)
        #expect(scores[1] >= -1 && scores[1] < -0.999_99)
        let unit = Vector.normalized(vector)
        #expect(cosineOfUnits.scores(of: unit, with: [unit])[0] <= 1)
      }
    }
  }

  @Test func whatIsNoNumberStaysNone() {
    #expect(cosine.scores(of: [.nan], with: [[1]])[0].isNaN)
    #expect(!dot.scores(of: [3e38, 3e38], with: [[3e38, -3e38]])[0].isFinite)
  }
}
