import CKernels

/// One layer's bf16 queries, keys and values, for all sequences of a pass.
public final class BFloat16Heads {
  private var memory: HeadBlocks

  public init(heads: Int, headSize: Int) {
    memory = HeadBlocks(heads: heads, headSize: headSize)
  }

  public var columns: Int { memory.columns }

  /// Bytes of memory.
  public var byteCount: Int { memory.byteCount }

  /// Makes room for a pass.
  /// - Parameter sequences: the rows of each sequence, ascending and without gaps.
  public func reserve(_ sequences: [Range<Int>]) {
    let kernels = BFloat16Linear.kernels
    memory.reserve(sequences, queryBytes: kernels.query_size(memory.shape(length: 1)), blockBytes: kernels.heads_size)
  }

  /// Rearranges the queries, keys and values of some rows for attention.
  /// - Parameters:
  ///   - projections: rows × 3 columns: query, key and value side by side.
  ///   - sequence: the sequence of the rows.
  ///   - first: the first row's position in the sequence, a multiple of `QuantizedHeads.cutRows`.
  public func split(_ projections: BFloat16Window, sequence: Int, first: Int) {
    precondition(projections.columns == 3 * columns)
    let row = memory.rowOfPiece(of: sequence, first: first, rows: projections.rows)
    BFloat16Linear.kernels.split_heads(
      memory.shape(of: sequence), first, projections.rows, projections.pointer, projections.stride, queries(from: row),
      memory.block(of: sequence))
  }

  /// context = softmax(query · keysᵀ / √headSize) · values, head by head, for some rows of a sequence. All rows of the
  /// sequence must have gone through `split`.
  public func attend(sequence: Int, first: Int, into context: BFloat16Window, workspace: AttentionWorkspace) {
    precondition(context.columns == columns)
    let row = memory.row(of: sequence, first: first, rows: context.rows)
    let shape = memory.shape(of: sequence)
    reserve(workspace, length: shape.length)
    BFloat16Linear.kernels.attend(
      shape, context.rows, queries(from: row), memory.block(of: sequence), context.pointer, context.stride,
      workspace.memory.start)
  }

  /// Makes room for the attention of one sequence.
  public func reserve(_ workspace: AttentionWorkspace, length: Int) {
    workspace.reserve(BFloat16Linear.kernels.workspace_size(memory.shape(length: length)))
  }

  private func queries(from row: Int) -> UnsafeMutablePointer<UInt16> {
    memory.queries(from: row).assumingMemoryBound(to: UInt16.self)
  }
}
