import TestSupport
import Testing

@testable import Tensor

/// Rectangles of a matrix.
@Suite struct MatrixWindowTests {
  /// A matrix whose values show their position: 100 · row + column.
  private static func numbered(rows: Int, columns: Int) -> Matrix {
    let matrix = Matrix(rows: rows, columns: columns)
    matrix.all.set((0..<rows).map { row in (0..<columns).map { Float(100 * row + $0) } })
    return matrix
  }

  @Test func aWindowSeesItsRectangle() {
    let matrix = Self.numbered(rows: 5, columns: 7)
    let window = matrix[rows: 1..<4, columns: 2..<5]
    #expect(window.rows == 3 && window.columns == 3)
    #expect(window.values == [[102, 103, 104], [202, 203, 204], [302, 303, 304]])
    #expect(matrix[rows: 4..<5].values == [(0..<7).map { Float(400 + $0) }])
    #expect(matrix[rows: 5..<5].values.isEmpty)
  }

  @Test func aNewMatrixIsZeroAndAligned() {
    for columns in [1, 3, 64] {
      let matrix = Matrix(rows: 3, columns: columns)
      #expect(matrix.all.values.joined().allSatisfy { $0 == 0 })
      #expect(Int(bitPattern: matrix.storage.baseAddress).isMultiple(of: 64))
    }
  }

  @Test func theMeanIsOverTheRowsChosen() {
    let matrix = Self.numbered(rows: 6, columns: 3)
    #expect(matrix.all.mean(ofRows: 2..<5) == [300, 301, 302])
    #expect(matrix[rows: 0..<6, columns: 1..<2].mean(ofRows: 5..<6) == [501])
  }

  @Test func aRowBecomesTheSumOfTwoTablesRows() {
    let (words, positions) = (WeightTable.of([[1, 2], [3, 4]]), WeightTable.of([[10, 20], [30, 40], [50, 60]]))
    let matrix = Matrix(rows: 2, columns: 2)
    matrix.all.setRow(1, toSumOf: words, row: 0, and: positions, row: 2)
    #expect(matrix.all.values == [[0, 0], [51, 62]])
  }

  @Test func rowsOutsideTheMatrixEndTheProcess() async {
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 2)[rows: 1..<3] }
  }

  @Test func columnsOutsideTheMatrixEndTheProcess() async {
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 2)[rows: 0..<1, columns: -1..<1] }
  }

  @Test func aRowOutsideTheWindowEndsTheProcess() async {
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 2)[rows: 0..<1].row(1) }
  }

  @Test func aRowOutsideATableEndsTheProcess() async {
    await #expect(processExitsWith: .failure) {
      let table = WeightTable.of([[1]])
      Matrix(rows: 1, columns: 1).all.setRow(0, toSumOf: table, row: 1, and: table, row: 0)
    }
  }

  @Test func factorsThatDoNotFitEndTheProcess() async {
    await #expect(processExitsWith: .failure) {
      let matrix = Matrix(rows: 2, columns: 3)
      MatrixProduct().multiply(matrix.all, matrix.all, into: matrix.all)
    }
  }
}
