import CKernels

/// Operations on one embedding.
public enum Vector {
  /// The dot product of two vectors of the same length. The order of summation depends only on the length.
  public static func dot(_ a: [Float], _ b: [Float]) -> Float {
    precondition(a.count == b.count)
    return kernels.dot(a.count, a, b)
  }

  /// The vector divided by its Euclidean length; a vector of zeros does not change.
  public static func normalized(_ vector: [Float]) -> [Float] {
    let squares = vector.reduce(into: 0.0) { sum, value in sum += Double(value) * Double(value) }
    guard squares > 0 else { return vector }
    let inverse = 1 / squares.squareRoot()
    return vector.map { Float(Double($0) * inverse) }
  }

  /// Whether all values are finite.
  public static func isFinite(_ vector: [Float]) -> Bool {
    kernels.all_finite(vector.count, vector) != 0
  }

  /// The product of a table and a vector: one dot product per row of the table.
  /// - Parameter x: `columns` values.
  /// - Returns: `rows` values.
  public static func product(_ table: WeightTable, _ x: [Float]) -> [Float] {
    precondition(table.columns == x.count)
    return (0..<table.rows).map { kernels.dot(x.count, table.pointer(toRow: $0), x) }
  }
}
