import TestSupport
import Testing

@testable import Tensor

/// A window inside a larger matrix that is filled with a marker, to check that an operation writes only the window.
struct Playground {
  let matrix: Matrix
  let rows: Range<Int>
  let columns: Range<Int>

  private static let marker: Float = 12_345

  /// - Parameter margin: rows and columns around the window.
  init(rows: Int, columns: Int, margin: Int = 3) {
    matrix = Matrix(rows: rows + 2 * margin, columns: columns + 2 * margin)
    self.rows = margin..<margin + rows
    self.columns = margin..<margin + columns
    matrix.all.set(matrix.all.values.map { $0.map { _ in Self.marker } })
  }

  var window: MatrixWindow { matrix[rows: rows, columns: columns] }

  /// Fills the window with values between -1 and 1, times a scale.
  func fill(scale: Float = 1, using generator: inout SeededGenerator) -> [[Float]] {
    let values = rows.map { _ in generator.floats(columns.count).map { $0 * scale } }
    window.set(values)
    return values
  }

  func expectNothingOutsideChanged() {
    for (row, line) in matrix.all.values.enumerated() {
      for (column, value) in line.enumerated() where !(rows.contains(row) && columns.contains(column)) {
        #expect(value == Self.marker, "row \(row), column \(column)")
      }
    }
  }
}

/// Shapes that are not multiples of any vector width, and some that are.
let awkwardShapes: [(rows: Int, columns: Int)] =
  (1...70).map { ($0 % 9 + 1, $0) } + [(70, 1), (70, 70), (1, 384), (3, 768), (17, 129), (64, 64)]
