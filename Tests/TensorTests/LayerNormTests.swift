import TestSupport
import Testing

@testable import Tensor

/// Layer normalisation of each row.
@Suite struct LayerNormTests {
  private static func weights(_ gamma: [Float], _ beta: [Float], epsilon: Float = 1e-12) -> LayerNormWeights {
    LayerNormWeights(gamma: .row(gamma), beta: .row(beta), epsilon: epsilon)
  }

  @Test(arguments: [1e-12, 1e-5, 0.1] as [Float])
  func isExactOverAwkwardShapes(epsilon: Float) {
    var generator = SeededGenerator(seed: 54)
    for shape in awkwardShapes where shape.columns > 1 {
      let playground = Playground(rows: shape.rows, columns: shape.columns)
      let values = playground.fill(scale: 3, using: &generator)
      let (gamma, beta) = (generator.floats(shape.columns), generator.floats(shape.columns))
      playground.window.normalize(Self.weights(gamma, beta, epsilon: epsilon))
      let expected = values.map {
        Reference.layerNorm($0.map(Double.init), gamma: gamma, beta: beta, epsilon: Double(epsilon))
      }
      #expect(largestError(playground.window.values, expected) < 2e-5, "\(shape)")
      playground.expectNothingOutsideChanged()
    }
  }

  @Test func anOutlierDoesNotDrownTheRest() {
    var generator = SeededGenerator(seed: 55)
    var row = generator.floats(768)
    row[100] = 3_000
    let matrix = Matrix(rows: 1, columns: row.count)
    matrix.all.set([row])
    let ones = row.map { _ in Float(1) }
    matrix.all.normalize(Self.weights(ones, row.map { _ in 0 }))
    let expected = Reference.layerNorm(row.map(Double.init), gamma: ones, beta: row.map { _ in 0 }, epsilon: 1e-12)
    for (value, right) in zip(matrix.all.row(0), expected) {
      #expect(abs(Double(value) - right) <= 1e-6 * max(1, abs(right)))
    }
  }

  @Test func aConstantRowBecomesBeta() {
    let matrix = Matrix(rows: 1, columns: 8)
    matrix.all.set([[Float](repeating: 0.1, count: 8)])
    let beta: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    matrix.all.normalize(Self.weights([Float](repeating: 2, count: 8), beta, epsilon: 1e-5))
    #expect(zip(matrix.all.row(0), beta).allSatisfy { abs($0 - $1) < 1e-4 })
  }
}
