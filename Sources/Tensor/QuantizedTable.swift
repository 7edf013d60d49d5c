import CKernels

/// Rows of s8, each with its scale: a table of embeddings in a quarter of the memory of fp32.
public struct QuantizedTable: WordTable {
  public let rows: Int
  public let columns: Int
  /// `rows` scales (fp32), then rows × columns s8.
  public let bytes: ConstantBytes

  /// Quantises a table, each row by its largest magnitude.
  public init(_ table: WeightTable) {
    let buffer = AlignedBuffer(byteCount: Self.size(rows: table.rows, columns: table.columns))
    int8Kernels.quantize_weights(
      table.rows, table.columns, table.baseAddress, buffer.baseAddress,
      (buffer.start + table.rows * MemoryLayout<Float>.stride).assumingMemoryBound(to: Int8.self))
    self.init(rows: table.rows, columns: table.columns, bytes: ConstantBytes(buffer))
  }

  /// Creates a table from existing bytes.
  public init(rows: Int, columns: Int, bytes: ConstantBytes) {
    precondition(bytes.count == Self.size(rows: rows, columns: columns))
    self.rows = rows
    self.columns = columns
    self.bytes = bytes
  }

  public static func size(rows: Int, columns: Int) -> Int { rows * (MemoryLayout<Float>.stride + columns) }
}

extension MatrixWindow {
  /// Overwrites each row with the sum of two embeddings: of a token and of its position.
  /// - Parameters:
  ///   - tokens: one per row.
  ///   - firstPosition: the first row's position; the positions of other rows follow it.
  public func setEmbeddings(
    of tokens: ArraySlice<Int32>, words: QuantizedTable, positions: WeightTable, firstPosition: Int
  ) {
    precondition(tokens.count == rows && words.columns == columns && positions.columns == columns)
    precondition(firstPosition >= 0 && firstPosition + rows <= positions.rows)
    precondition(tokens.allSatisfy { $0 >= 0 && $0 < words.rows })
    let scales = words.bytes.start.assumingMemoryBound(to: Float.self)
    let q = (words.bytes.start + words.rows * MemoryLayout<Float>.stride).assumingMemoryBound(to: Int8.self)
    tokens.withUnsafeBufferPointer { tokens in
      int8Kernels.embed(
        rows, columns, tokens.baseAddress, q, scales, positions.baseAddress + firstPosition * columns, pointer, stride)
    }
  }
}
