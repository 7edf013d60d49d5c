import CKernels

/// Rows of u8 activations, each with its scale and offset. One thread at a time writes them.
public final class QuantizedRows {
  public let rows: Int
  public let columns: Int
  /// The number of bytes from one row to the next. Kernels may read a row's padding, but never use it.
  let stride: Int
  private let bytes: AlignedBuffer
  private let scales: AlignedBuffer

  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    stride = (columns + 63) / 64 * 64
    bytes = AlignedBuffer(byteCount: rows * stride)
    scales = AlignedBuffer(byteCount: rows * MemoryLayout<scimult_row_scale>.stride)
  }

  /// Bytes of memory.
  public var byteCount: Int { bytes.byteCount + scales.byteCount }

  public subscript(rows rows: Range<Int>) -> QuantizedWindow { self[rows: rows, columns: columns] }

  /// The given rows, as rows with fewer columns.
  public subscript(rows rows: Range<Int>, columns columns: Int) -> QuantizedWindow {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= self.rows, "rows outside the matrix")
    precondition(columns <= self.columns, "columns outside the matrix")
    return QuantizedWindow(
      owner: self, rows: rows.count, columns: columns, stride: stride,
      bytes: bytes.start.assumingMemoryBound(to: UInt8.self) + rows.lowerBound * stride,
      scales: scales.start.assumingMemoryBound(to: scimult_row_scale.self) + rows.lowerBound)
  }
}

/// A view of some rows, for reading or writing in place.
public struct QuantizedWindow {
  private let owner: QuantizedRows
  public let rows: Int
  public let columns: Int
  let stride: Int
  let bytes: UnsafeMutablePointer<UInt8>
  let scales: UnsafeMutablePointer<scimult_row_scale>

  fileprivate init(
    owner: QuantizedRows, rows: Int, columns: Int, stride: Int, bytes: UnsafeMutablePointer<UInt8>,
    scales: UnsafeMutablePointer<scimult_row_scale>
  ) {
    self.owner = owner
    self.rows = rows
    self.columns = columns
    self.stride = stride
    self.bytes = bytes
    self.scales = scales
  }

  /// Some of the window's rows.
  public subscript(rows rows: Range<Int>) -> QuantizedWindow {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= self.rows, "rows outside the window")
    return QuantizedWindow(
      owner: owner, rows: rows.count, columns: columns, stride: stride, bytes: bytes + rows.lowerBound * stride,
      scales: scales + rows.lowerBound)
  }

  /// Overwrites the rows with the source's rows, each quantised by its smallest and its largest value.
  public func quantize(_ source: MatrixWindow) {
    precondition(source.rows == rows && source.columns == columns)
    int8Kernels.quantize(rows, columns, source.pointer, source.stride, bytes, stride, scales)
  }
}

extension MatrixWindow {
  /// Overwrites the rows with the quantisation errors of other rows.
  public func setRest(of source: MatrixWindow, quantized: QuantizedWindow) {
    precondition(source.rows == rows && source.columns == columns)
    precondition(quantized.rows == rows && quantized.columns == columns)
    int8Kernels.subtract_quantized(
      rows, columns, source.pointer, source.stride, quantized.bytes, quantized.stride, quantized.scales, pointer, stride
    )
  }

  /// Normalises each row, scales and shifts it, and quantises the result.
  public func normalize(_ weights: LayerNormWeights, quantizedInto quantized: QuantizedWindow) {
    precondition(weights.gamma.columns == columns && quantized.rows == rows && quantized.columns == columns)
    int8Kernels.normalize(
      rows, columns, pointer, stride, weights.gamma.baseAddress, weights.beta.baseAddress, weights.epsilon,
      quantized.bytes, quantized.stride, quantized.scales)
  }
}
