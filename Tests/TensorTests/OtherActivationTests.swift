import TestSupport
import Testing

@testable import Tensor

/// GELU approximated with tanh, and ReLU.
@Suite struct OtherActivationTests {
  private func run(_ points: [Float], _ apply: (MatrixWindow) -> Void) -> [Float] {
    let matrix = Matrix(rows: 1, columns: points.count)
    matrix.all.set([points])
    apply(matrix.all)
    return matrix.all.row(0)
  }

  @Test func geluByTanhIsExactOnTheWholeLine() {
    let points = stride(from: Float(-30), through: 30, by: 1 / 64).map { $0 }
    for (x, y) in zip(points, run(points) { $0.applyGELUByTanh() }) {
      let error = abs(Double(y) - Reference.geluByTanh(Double(x)))
      #expect(error <= 5e-7 * max(1, abs(Double(x))), "gelu_tanh(\(x)) = \(y)")
    }
  }

  @Test func geluByTanhKeepsTheLimits() {
    let values = run([0, 100, -100, 1e30, -1e30, .infinity, .nan]) { $0.applyGELUByTanh() }
    #expect(values[..<6].elementsEqual([0, 100, 0, 1e30, 0, .infinity]))
    #expect(values[6].isNaN)
  }

  @Test func reluIsTheLargerOfAValueAndZero() {
    let values = run([-3, -0.0, 0, 2.5, .infinity, -.infinity, .nan]) { $0.applyReLU() }
    #expect(values[..<6].elementsEqual([0, 0, 0, 2.5, .infinity, 0]))
    #expect(values[6].isNaN)
  }

  @Test func nothingOutsideOfTheWindowChanges() {
    var generator = SeededGenerator(seed: 52)
    for shape in awkwardShapes {
      let playground = Playground(rows: shape.rows, columns: shape.columns)
      let values = playground.fill(scale: 4, using: &generator)
      playground.window.applyGELUByTanh()
      let expected = values.map { row in row.map { Reference.geluByTanh(Double($0)) } }
      #expect(largestError(playground.window.values, expected) < 2e-6, "\(shape)")
      playground.expectNothingOutsideChanged()
    }
  }
}
