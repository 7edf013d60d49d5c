/// A row-major fp32 table that never changes once it is filled, so that threads may share it.
public struct WeightTable: @unchecked Sendable {
  public let rows: Int
  public let columns: Int
  let storage: AlignedBuffer

  /// - Parameter fill: writes all `rows × columns` values, row by row. It must not keep the pointer.
  public init<Failure: Error>(
    rows: Int, columns: Int, fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(rows >= 0 && columns >= 0)
    self.rows = rows
    self.columns = columns
    storage = AlignedBuffer(count: rows * columns)
    try fill(UnsafeMutableBufferPointer(start: storage.baseAddress, count: rows * columns))
  }
}

/// The scale and shift of a layer normalisation, each 1 × width.
public struct LayerNormWeights: Sendable {
  public let gamma: WeightTable
  public let beta: WeightTable
  public let epsilon: Float

  public init(gamma: WeightTable, beta: WeightTable, epsilon: Float) {
    precondition(gamma.rows == 1 && beta.rows == 1 && gamma.columns == beta.columns)
    self.gamma = gamma
    self.beta = beta
    self.epsilon = epsilon
  }
}
