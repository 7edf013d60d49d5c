import TestSupport
import Testing

@testable import Tensor

/// The exact GELU.
@Suite struct GELUTests {
  @Test func isExactOverAwkwardShapes() {
    var generator = SeededGenerator(seed: 51)
    for shape in awkwardShapes {
      let playground = Playground(rows: shape.rows, columns: shape.columns)
      let values = playground.fill(scale: 4, using: &generator)
      playground.window.applyGELU()
      let expected = values.map { row in row.map { Reference.gelu(Double($0)) } }
      #expect(largestError(playground.window.values, expected) < 1e-6, "\(shape)")
      playground.expectNothingOutsideChanged()
    }
  }

  @Test func isExactOnTheWholeLine() {
    let points = stride(from: Float(-30), through: 30, by: 1 / 64).map { $0 }
    let matrix = Matrix(rows: 1, columns: points.count)
    matrix.all.set([points])
    matrix.all.applyGELU()
    for (x, y) in zip(points, matrix.all.row(0)) {
      let error = abs(Double(y) - Reference.gelu(Double(x)))
      #expect(error <= 2.5e-7 * max(1, abs(Double(x))), "gelu(\(x)) = \(y)")
    }
  }

  @Test func keepsTheLimits() {
    let points: [Float] = [0, -0.0, 1e-30, -1e-30, 100, -100, 1e30]
    let matrix = Matrix(rows: 1, columns: points.count)
    matrix.all.set([points])
    matrix.all.applyGELU()
    let values = matrix.all.row(0)
    #expect(values[0] == 0 && values[1] == 0)
    #expect(values[2] == 5e-31 && values[3] == -5e-31)
    #expect(abs(values[4] / 100 - 1) < 2.5e-7 && abs(values[6] / 1e30 - 1) < 2.5e-7)
    #expect(abs(values[5]) < 1e-5)
  }
}
