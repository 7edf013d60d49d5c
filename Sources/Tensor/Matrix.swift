/// A row-major fp32 matrix for the activations of a pass. One thread writes it.
public final class Matrix {
  public let rows: Int
  public let columns: Int
  let storage: AlignedBuffer

  /// Creates a matrix of zeros.
  public init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0)
    self.rows = rows
    self.columns = columns
    storage = AlignedBuffer(count: rows * columns)
  }

  /// Bytes of memory.
  public var byteCount: Int { storage.byteCount }

  /// The whole matrix as a window.
  public var all: MatrixWindow { MatrixWindow(self, rows: 0..<rows, columns: 0..<columns) }

  /// The given rows, all columns.
  public subscript(rows rows: Range<Int>) -> MatrixWindow { MatrixWindow(self, rows: rows, columns: 0..<columns) }

  /// The given rows and columns.
  public subscript(rows rows: Range<Int>, columns columns: Range<Int>) -> MatrixWindow {
    MatrixWindow(self, rows: rows, columns: columns)
  }
}

/// A view of a rectangle of a matrix, for reading or writing in place.
public struct MatrixWindow {
  let matrix: Matrix
  let pointer: UnsafeMutablePointer<Float>
  public let rows: Int
  public let columns: Int

  /// The number of floats from one row to the next.
  var stride: Int { matrix.columns }

  init(_ matrix: Matrix, rows: Range<Int>, columns: Range<Int>) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= matrix.rows, "rows outside the matrix")
    precondition(columns.lowerBound >= 0 && columns.upperBound <= matrix.columns, "columns outside the matrix")
    self.matrix = matrix
    self.rows = rows.count
    self.columns = columns.count
    pointer = matrix.storage.baseAddress + rows.lowerBound * matrix.columns + columns.lowerBound
  }

  /// Some of the window's rows.
  public subscript(rows rows: Range<Int>) -> MatrixWindow { self[rows: rows, columns: 0..<columns] }

  /// Some of the window's columns.
  public subscript(columns columns: Range<Int>) -> MatrixWindow { self[rows: 0..<rows, columns: columns] }

  private subscript(rows rows: Range<Int>, columns columns: Range<Int>) -> MatrixWindow {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= self.rows, "rows outside the window")
    precondition(columns.lowerBound >= 0 && columns.upperBound <= self.columns, "columns outside the window")
    return MatrixWindow(
      matrix, pointer: pointer + rows.lowerBound * stride + columns.lowerBound, rows: rows.count, columns: columns.count
    )
  }

  private init(_ matrix: Matrix, pointer: UnsafeMutablePointer<Float>, rows: Int, columns: Int) {
    (self.matrix, self.pointer, self.rows, self.columns) = (matrix, pointer, rows, columns)
  }

  /// A copy of one row.
  public func row(_ index: Int) -> [Float] {
    precondition(index >= 0 && index < rows)
    return Array(UnsafeBufferPointer(start: pointer + index * stride, count: columns))
  }

  /// Overwrites the window with another of the same size.
  public func set(_ source: MatrixWindow) {
    precondition(source.rows == rows && source.columns == columns)
    for row in 0..<rows { (pointer + row * stride).update(from: source.pointer + row * source.stride, count: columns) }
  }

  /// Overwrites a row with the sum of one row from each of two tables: an embedding look-up.
  public func setRow(
    _ index: Int, toSumOf first: WeightTable, row firstRow: Int, and second: WeightTable, row secondRow: Int
  ) {
    precondition(index >= 0 && index < rows && first.columns == columns && second.columns == columns)
    let target = pointer + index * stride
    let a = first.pointer(toRow: firstRow)
    let b = second.pointer(toRow: secondRow)
    for column in 0..<columns { target[column] = a[column] + b[column] }
  }

  /// Whether all values in some rows are finite.
  public func isFinite(rows range: Range<Int>) -> Bool {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows)
    return range.allSatisfy { kernels.all_finite(columns, pointer + $0 * stride) != 0 }
  }

  /// The mean of some rows: `columns` values, summed in double.
  public func mean(ofRows range: Range<Int>) -> [Float] {
    sum(ofRows: range, dividedBy: Double(range.count)) { _ in 1 }
  }

  /// The weighted sum of some rows, divided by a number: `columns` values, summed in double.
  /// - Parameter weight: returns the weight of a row.
  public func sum(ofRows range: Range<Int>, dividedBy divisor: Double, weight: (Int) -> Double) -> [Float] {
    precondition(!range.isEmpty && range.lowerBound >= 0 && range.upperBound <= rows)
    var sums = [Double](repeating: 0, count: columns)
    for row in range {
      let source = pointer + row * stride
      let factor = weight(row)
      for column in 0..<columns { sums[column] += factor * Double(source[column]) }
    }
    return sums.map { Float($0 / divisor) }
  }

  /// The largest value of each column in some rows: `columns` values.
  public func maximum(ofRows range: Range<Int>) -> [Float] {
    precondition(!range.isEmpty && range.lowerBound >= 0 && range.upperBound <= rows)
    var largest = row(range.lowerBound)
    for row in range.dropFirst() {
      let source = pointer + row * stride
      for column in 0..<columns { largest[column] = max(largest[column], source[column]) }
    }
    return largest
  }
}
