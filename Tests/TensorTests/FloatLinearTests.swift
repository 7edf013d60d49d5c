import TestSupport
import Testing

@testable import Tensor

/// Linear layers on windows.
@Suite struct FloatLinearTests {
  @Test func aLayerIsItsDefinitionInAnyWindow() {
    var generator = SeededGenerator(seed: 60)
    for rows in 1...70 {
      let (outputs, inputs) = ((rows * 7) % 70 + 1, (rows * 11) % 70 + 1)
      let (input, output) = (
        Playground(rows: rows, columns: inputs), Playground(rows: rows, columns: outputs, margin: 2)
      )
      let values = input.fill(using: &generator)
      let weight = (0..<outputs).map { _ in generator.floats(inputs) }
      let bias = generator.floats(outputs)
      let layer = FloatLinear(weight: .of(weight), bias: .row(bias))
      layer.apply(to: input.window, into: output.window)
      let expected = Reference.product(values, transposed: weight).map { zip($0, bias).map { $0 + Double($1) } }
      #expect(largestError(output.window.values, expected) < 2e-5, "\(rows) × \(outputs) × \(inputs)")
      output.expectNothingOutsideChanged()
      #expect(layer.parameterCount == outputs * inputs + outputs)
    }
  }

  @Test func noRowsAreNoWork() {
    let layer = FloatLinear(weight: .of([[1, 2]]), bias: .row([3]))
    let matrix = Matrix(rows: 2, columns: 3)
    layer.apply(to: matrix[rows: 1..<1, columns: 0..<2], into: matrix[rows: 1..<1, columns: 2..<3])
    #expect(matrix.all.values == [[0, 0, 0], [0, 0, 0]])
  }
}
