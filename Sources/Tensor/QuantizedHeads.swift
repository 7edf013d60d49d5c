import CKernels

/// One layer's quantised queries, keys and values, for all sequences of a pass.
public final class QuantizedHeads {
  private var memory: HeadBlocks
  private var queryScales = AlignedBuffer(byteCount: 0)

  /// A sequence may be divided at multiples of this number of rows, for split().
  public static let cutRows = 16

  public init(heads: Int, headSize: Int) {
    memory = HeadBlocks(heads: heads, headSize: headSize)
  }

  public var columns: Int { memory.columns }

  /// Bytes of memory.
  public var byteCount: Int { memory.byteCount + queryScales.byteCount }

  /// Makes room for a pass.
  /// - Parameter sequences: the rows of each sequence, ascending and without gaps.
  public func reserve(_ sequences: [Range<Int>]) {
    memory.reserve(
      sequences, queryBytes: int8Kernels.query_size(memory.shape(length: 1)), blockBytes: int8Kernels.heads_size)
    AlignedBuffer.grow(&queryScales, to: (sequences.last?.upperBound ?? 0) * MemoryLayout<Float>.stride)
  }

  /// Quantises some rows' queries, keys and values.
  /// - Parameters:
  ///   - projections: rows × 3 columns: query, key and value side by side.
  ///   - sequence: the sequence of the rows.
  ///   - first: the first row's position in the sequence, a multiple of `cutRows`.
  public func split(_ projections: MatrixWindow, sequence: Int, first: Int) {
    precondition(projections.columns == 3 * columns)
    let row = memory.rowOfPiece(of: sequence, first: first, rows: projections.rows)
    int8Kernels.split_heads(
      memory.shape(of: sequence), first, projections.rows, projections.pointer, projections.stride, queries(from: row),
      queryScales.baseAddress + row, memory.block(of: sequence))
  }

  /// context = softmax(query · keysᵀ / √headSize) · values, head by head, for some rows of a sequence. All rows of the
  /// sequence must have gone through `split`.
  /// - Parameter heads: the heads to compute; the columns of other heads do not change.
  public func attend(
    sequence: Int, first: Int, heads attending: Range<Int>, into context: MatrixWindow, workspace: AttentionWorkspace
  ) {
    precondition(context.columns == columns && attending.lowerBound >= 0 && attending.upperBound <= memory.heads)
    let row = memory.row(of: sequence, first: first, rows: context.rows)
    let shape = memory.shape(of: sequence)
    reserve(workspace, length: shape.length)
    int8Kernels.attend(
      shape, attending.lowerBound, attending.count, context.rows, queries(from: row), queryScales.baseAddress + row,
      memory.block(of: sequence), context.pointer, context.stride, workspace.memory.start)
  }

  /// Makes room for the attention of one sequence.
  public func reserve(_ workspace: AttentionWorkspace, length: Int) {
    workspace.reserve(int8Kernels.workspace_size(memory.shape(length: length)))
  }

  private func queries(from row: Int) -> UnsafeMutablePointer<UInt8> {
    memory.queries(from: row).assumingMemoryBound(to: UInt8.self)
  }
}

/// Memory for the scores and probabilities of a few rows. Each thread has its own.
public final class AttentionWorkspace {
  private(set) var memory = AlignedBuffer(byteCount: 0)

  public init() {}

  /// Bytes of memory.
  public var byteCount: Int { memory.byteCount }

  func reserve(_ byteCount: Int) { AlignedBuffer.grow(&memory, to: byteCount) }
}
