import CKernels

/// One layer's bf16 queries, keys and values, for all sequences of a pass.
public final class BFloat16Heads {
  private let heads: Int
  private let headSize: Int
  private var sequences: [Range<Int>] = []
  /// The start of each sequence's keys and values.
  private var offsets: [Int] = []
  private var queries = AlignedBuffer(byteCount: 0)
  private var blocks = AlignedBuffer(byteCount: 0)

  public init(heads: Int, headSize: Int) {
    precondition(heads > 0 && headSize > 0)
    self.heads = heads
    self.headSize = headSize
  }

  public var columns: Int { heads * headSize }

  /// Bytes of memory.
  public var byteCount: Int { queries.byteCount + blocks.byteCount }

  /// Makes room for a pass.
  /// - Parameter sequences: the rows of each sequence, ascending and without gaps.
  public func reserve(_ sequences: [Range<Int>]) {
    self.sequences = sequences
    offsets.removeAll(keepingCapacity: true)
    var end = 0
    for sequence in sequences {
      offsets.append(end)
      end += BFloat16Linear.kernels.heads_size(shape(length: sequence.count))
    }
    AlignedBuffer.grow(&blocks, to: end)
    AlignedBuffer.grow(&queries, to: (sequences.last?.upperBound ?? 0) * queryBytes)
  }

  /// Rearranges the queries, keys and values of some rows for attention.
  /// - Parameters:
  ///   - projections: rows × 3 columns: query, key and value side by side.
  ///   - sequence: the sequence of the rows.
  ///   - first: the first row's position in the sequence, a multiple of `QuantizedHeads.cutRows`.
  public func split(_ projections: BFloat16Window, sequence: Int, first: Int) {
    precondition(projections.columns == 3 * columns)
    let length = sequences[sequence].count
    precondition(first.isMultiple(of: QuantizedHeads.cutRows), "cut at another row")
    precondition(
      projections.rows.isMultiple(of: QuantizedHeads.cutRows) || first + projections.rows == length,
      "cut at another row")
    let row = checkedRow(sequence: sequence, first: first, rows: projections.rows)
    BFloat16Linear.kernels.split_heads(
      shape(length: length), first, projections.rows, projections.pointer, projections.stride, queries(from: row),
      blocks(of: sequence))
  }

  /// context = softmax(query · keysᵀ / √headSize) · values, head by head, for some rows of a sequence. All rows of the
  /// sequence must have gone through `split`.
  public func attend(sequence: Int, first: Int, into context: BFloat16Window, workspace: AttentionWorkspace) {
    precondition(context.columns == columns)
    let row = checkedRow(sequence: sequence, first: first, rows: context.rows)
    let length = sequences[sequence].count
    reserve(workspace, length: length)
    BFloat16Linear.kernels.attend(
      shape(length: length), context.rows, queries(from: row), blocks(of: sequence), context.pointer, context.stride,
      workspace.memory.start)
  }

  /// Makes room for the attention of one sequence.
  public func reserve(_ workspace: AttentionWorkspace, length: Int) {
    workspace.reserve(BFloat16Linear.kernels.workspace_size(shape(length: length)))
  }

  private func checkedRow(sequence: Int, first: Int, rows: Int) -> Int {
    precondition(first >= 0 && first + rows <= sequences[sequence].count, "rows outside the sequence")
    return sequences[sequence].lowerBound + first
  }

  private func shape(length: Int) -> scimult_heads { scimult_heads(length: length, heads: heads, head_size: headSize) }

  private var queryBytes: Int { BFloat16Linear.kernels.query_size(shape(length: 1)) }

  private func queries(from row: Int) -> UnsafeMutablePointer<UInt16> {
    (queries.start + row * queryBytes).assumingMemoryBound(to: UInt16.self)
  }

  private func blocks(of sequence: Int) -> UnsafeMutablePointer<UInt8> {
    (blocks.start + offsets[sequence]).assumingMemoryBound(to: UInt8.self)
  }
}
