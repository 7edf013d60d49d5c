import TestSupport
import Testing

@testable import Tensor

/// Adding a bias, and the residual around a layer.
@Suite struct BiasTests {
  @Test func aBiasIsAddedToEachRow() {
    var generator = SeededGenerator(seed: 56)
    for shape in awkwardShapes {
      let playground = Playground(rows: shape.rows, columns: shape.columns)
      let values = playground.fill(using: &generator)
      let bias = generator.floats(shape.columns)
      playground.window.addBias(of: .withBias(bias))
      #expect(playground.window.values == values.map { zip($0, bias).map { $0 + $1 } }, "\(shape)")
      playground.expectNothingOutsideChanged()
    }
  }

  @Test func theResidualIsAddedRowByRow() {
    var generator = SeededGenerator(seed: 57)
    for shape in awkwardShapes {
      let playground = Playground(rows: shape.rows, columns: shape.columns)
      let residual = Playground(rows: shape.rows, columns: shape.columns)
      let values = playground.fill(using: &generator)
      let around = residual.fill(using: &generator)
      let bias = generator.floats(shape.columns)
      playground.window.add(biasOf: .withBias(bias), residual: residual.window)
      let expected = zip(values, around).map { row, other in
        row.indices.map { Double(row[$0]) + Double(bias[$0]) + Double(other[$0]) }
      }
      #expect(largestError(playground.window.values, expected) < 1e-6, "\(shape)")
      playground.expectNothingOutsideChanged()
      residual.expectNothingOutsideChanged()
    }
  }
}
