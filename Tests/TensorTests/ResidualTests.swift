import TestSupport
import Testing

@testable import Tensor

/// Adding the residual around a sub-layer.
@Suite struct ResidualTests {
  @Test func theResidualIsAddedRowByRow() {
    var generator = SeededGenerator(seed: 57)
    for shape in awkwardShapes {
      let playground = Playground(rows: shape.rows, columns: shape.columns)
      let residual = Playground(rows: shape.rows, columns: shape.columns)
      let values = playground.fill(using: &generator)
      let around = residual.fill(using: &generator)
      playground.window.add(residual: residual.window)
      #expect(playground.window.values == zip(values, around).map { zip($0, $1).map { $0 + $1 } }, "\(shape)")
      playground.expectNothingOutsideChanged()
      residual.expectNothingOutsideChanged()
    }
  }
}
