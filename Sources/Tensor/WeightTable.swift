/// A row-major fp32 table that never changes after it is filled, so threads may share it.
public struct WeightTable: Sendable {
  public let rows: Int
  public let columns: Int
  /// rows × columns floats.
  public let bytes: ConstantBytes

  /// - Parameter fill: writes all `rows × columns` values, row by row. It must not keep the pointer.
  public init<Failure: Error>(
    rows: Int, columns: Int, fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    let buffer = AlignedBuffer(count: rows * columns)
    try fill(UnsafeMutableBufferPointer(start: buffer.baseAddress, count: rows * columns))
    self.init(rows: rows, columns: columns, bytes: ConstantBytes(buffer))
  }

  /// Creates a table from existing bytes.
  public init(rows: Int, columns: Int, bytes: ConstantBytes) {
    precondition(rows >= 0 && columns >= 0 && bytes.count == rows * columns * MemoryLayout<Float>.stride)
    self.rows = rows
    self.columns = columns
    self.bytes = bytes
  }

  /// A copy of one row.
  public func row(_ index: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: pointer(toRow: index), count: columns))
  }

  var baseAddress: UnsafePointer<Float> { bytes.start.assumingMemoryBound(to: Float.self) }

  /// The address of a row.
  func pointer(toRow row: Int) -> UnsafePointer<Float> {
    precondition(row >= 0 && row < rows)
    return baseAddress + row * columns
  }
}
