import TestSupport
import Testing

@testable import Tensor

/// Matrix products of windows.
@Suite struct MatrixProductTests {
  private let product = MatrixProduct()

  /// m, n, k.
  private static let shapes: [(Int, Int, Int)] =
    (1...70).map { ($0, ($0 * 7) % 70 + 1, ($0 * 11) % 70 + 1) } + [(1, 1, 1), (1, 70, 1), (70, 1, 70), (5, 384, 128)]

  @Test func aTimesBTransposed() {
    var generator = SeededGenerator(seed: 58)
    for (m, n, k) in Self.shapes {
      let (a, b) = (Playground(rows: m, columns: k), Playground(rows: n, columns: k, margin: 5))
      let output = Playground(rows: m, columns: n, margin: 2)
      let (left, right) = (a.fill(using: &generator), b.fill(using: &generator))
      product.multiply(a.window, transposed: b.window, into: output.window)
      #expect(largestError(output.window.values, Reference.product(left, transposed: right)) < 2e-5, "\((m, n, k))")
      output.expectNothingOutsideChanged()
    }
  }

  @Test func aTimesB() {
    var generator = SeededGenerator(seed: 59)
    for (m, n, k) in Self.shapes {
      let (a, b) = (Playground(rows: m, columns: k), Playground(rows: k, columns: n, margin: 1))
      let output = Playground(rows: m, columns: n)
      let (left, right) = (a.fill(using: &generator), b.fill(using: &generator))
      product.multiply(a.window, b.window, into: output.window)
      let columns = (0..<n).map { column in right.map { $0[column] } }
      #expect(largestError(output.window.values, Reference.product(left, transposed: columns)) < 2e-5, "\((m, n, k))")
      output.expectNothingOutsideChanged()
    }
  }

  @Test func noRowsAreNoWork() {
    let matrix = Matrix(rows: 4, columns: 4)
    let none = matrix[rows: 2..<2]
    product.multiply(none, transposed: matrix.all, into: none)
    #expect(matrix.all.values == Array(repeating: [0, 0, 0, 0], count: 4))
  }
}
