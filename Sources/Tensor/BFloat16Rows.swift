import CKernels

/// Rows of bf16 activations, the input of bf16 products. One thread at a time writes them.
public final class BFloat16Rows {
  public let rows: Int
  public let columns: Int
  /// The number of values from one row to the next: whole cache lines.
  let stride: Int
  private let storage: AlignedBuffer

  /// Creates rows of zeros.
  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    stride = (columns + 31) / 32 * 32
    storage = AlignedBuffer(byteCount: rows * stride * MemoryLayout<UInt16>.stride)
  }

  /// Bytes of memory.
  public var byteCount: Int { storage.byteCount }

  public subscript(rows rows: Range<Int>) -> BFloat16Window { self[rows: rows, columns: columns] }

  /// The given rows, as rows with fewer columns.
  public subscript(rows rows: Range<Int>, columns columns: Int) -> BFloat16Window {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= self.rows, "rows outside the matrix")
    precondition(columns <= self.columns, "columns outside the matrix")
    return BFloat16Window(
      owner: self, rows: rows.count, columns: columns,
      pointer: storage.start.assumingMemoryBound(to: UInt16.self) + rows.lowerBound * stride)
  }
}

/// A view of some rows, for reading or writing in place.
public struct BFloat16Window {
  private let owner: BFloat16Rows
  public let rows: Int
  public let columns: Int
  let pointer: UnsafeMutablePointer<UInt16>

  var stride: Int { owner.stride }

  fileprivate init(owner: BFloat16Rows, rows: Int, columns: Int, pointer: UnsafeMutablePointer<UInt16>) {
    self.owner = owner
    self.rows = rows
    self.columns = columns
    self.pointer = pointer
  }

  /// Overwrites the rows with the source's rows, rounded to the nearest bf16.
  public func round(_ source: MatrixWindow) {
    precondition(source.rows == rows && source.columns == columns)
    BFloat16Linear.kernels.round(rows, columns, source.pointer, source.stride, pointer, stride)
  }
}

extension MatrixWindow {
  /// Normalises each row, scales and shifts it, and rounds the result.
  public func normalize(_ weights: LayerNormWeights, roundedInto rounded: BFloat16Window) {
    precondition(weights.gamma.columns == columns && rounded.rows == rows && rounded.columns == columns)
    BFloat16Linear.kernels.normalize(
      rows, columns, pointer, stride, weights.gamma.baseAddress, weights.beta.baseAddress, weights.epsilon,
      rounded.pointer, rounded.stride)
  }
}
