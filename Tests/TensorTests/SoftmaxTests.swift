import TestSupport
import Testing

@testable import Tensor

/// Softmax over each row.
@Suite struct SoftmaxTests {
  @Test func isExactOverAwkwardShapes() {
    var generator = SeededGenerator(seed: 52)
    for shape in awkwardShapes {
      let playground = Playground(rows: shape.rows, columns: shape.columns)
      let values = playground.fill(scale: 10, using: &generator)
      let scale = Float.random(in: 0.05...2, using: &generator)
      playground.window.applySoftmax(scale: scale)
      let expected = values.map { Reference.softmax($0.map { Double($0) * Double(scale) }) }
      #expect(largestError(playground.window.values, expected) < 3e-6, "\(shape)")
      playground.expectNothingOutsideChanged()
    }
  }

  @Test func oneColumnIsOne() {
    let matrix = Matrix(rows: 2, columns: 1)
    matrix.all.set([[-1e30], [7]])
    matrix.all.applySoftmax(scale: 1)
    #expect(matrix.all.values == [[1], [1]])
  }

  @Test(arguments: [[3e38, -3e38, 0], [-3e38, -3e38, -3e38], [1e4, 0, -1e4], [-200, -100, -99]] as [[Float]])
  func extremeValuesGiveAFiniteRowThatSumsToOne(row: [Float]) {
    let matrix = Matrix(rows: 1, columns: row.count)
    matrix.all.set([row])
    matrix.all.applySoftmax(scale: 1)
    let result = matrix.all.row(0)
    #expect(result.allSatisfy { $0.isFinite && $0 >= 0 })
    #expect(abs(result.reduce(0, +) - 1) < 1e-6)
  }

  @Test func theOrderOfTheValuesStays() {
    var generator = SeededGenerator(seed: 53)
    let row = generator.floats(64).map { $0 * 20 }
    let matrix = Matrix(rows: 1, columns: row.count)
    matrix.all.set([row])
    matrix.all.applySoftmax(scale: 0.5)
    let result = matrix.all.row(0)
    for (a, b) in zip(row.indices, row.indices.dropFirst()) where row[a] > row[b] {
      #expect(result[a] >= result[b])
    }
  }
}
