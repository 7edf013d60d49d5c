import CKernels

/// One layer's quantised queries, keys and values, for all sequences of a pass.
public final class QuantizedHeads {
  private let heads: Int
  private let headSize: Int
  private var sequences: [Range<Int>] = []
  /// The start of each sequence's keys and values.
  private var offsets: [Int] = []
  private var queries = AlignedBuffer(byteCount: 0)
  private var queryScales = AlignedBuffer(byteCount: 0)
  private var blocks = AlignedBuffer(byteCount: 0)

  /// A sequence may be divided at multiples of this number of rows, for split().
  public static let cutRows = 16

  public init(heads: Int, headSize: Int) {
    precondition(heads > 0 && headSize > 0)
    self.heads = heads
    self.headSize = headSize
  }

  public var columns: Int { heads * headSize }

  /// Bytes of memory.
  public var byteCount: Int { queries.byteCount + queryScales.byteCount + blocks.byteCount }

  /// Makes room for a pass.
  /// - Parameter sequences: the rows of each sequence, ascending and without gaps.
  public func reserve(_ sequences: [Range<Int>]) {
    self.sequences = sequences
    let rows = sequences.last?.upperBound ?? 0
    offsets.removeAll(keepingCapacity: true)
    var end = 0
    for sequence in sequences {
      offsets.append(end)
      end += int8Kernels.heads_size(shape(length: sequence.count))
    }
    AlignedBuffer.grow(&blocks, to: end)
    AlignedBuffer.grow(&queries, to: rows * int8Kernels.query_size(shape(length: 1)))
    AlignedBuffer.grow(&queryScales, to: rows * MemoryLayout<Float>.stride)
  }

  /// Quantises some rows' queries, keys and values.
  /// - Parameters:
  ///   - projections: rows × 3 columns: query, key and value side by side.
  ///   - sequence: the sequence of the rows.
  ///   - first: the first row's position in the sequence, a multiple of `cutRows`.
  public func split(_ projections: MatrixWindow, sequence: Int, first: Int) {
    precondition(projections.columns == 3 * columns)
    precondition(first.isMultiple(of: Self.cutRows), "cut at another row")
    precondition(
      projections.rows.isMultiple(of: Self.cutRows) || first + projections.rows == sequences[sequence].count,
      "cut at another row")
    let row = checkedRow(sequence: sequence, first: first, rows: projections.rows)
    int8Kernels.split_heads(
      shape(length: sequences[sequence].count), first, projections.rows, projections.pointer, projections.stride,
      queries(from: row), scales(from: row), blocks(of: sequence))
  }

  /// context = softmax(query · keysᵀ / √headSize) · values, head by head, for some rows of a sequence. All rows of the
  /// sequence must have gone through `split`.
  /// - Parameter heads: the heads to compute; the columns of other heads do not change.
  public func attend(
    sequence: Int, first: Int, heads attending: Range<Int>, into context: MatrixWindow, workspace: AttentionWorkspace
  ) {
    precondition(context.columns == columns && attending.lowerBound >= 0 && attending.upperBound <= heads)
    let row = checkedRow(sequence: sequence, first: first, rows: context.rows)
    let length = sequences[sequence].count
    reserve(workspace, length: length)
    int8Kernels.attend(
      shape(length: length), attending.lowerBound, attending.count, context.rows, queries(from: row), scales(from: row),
      blocks(of: sequence), context.pointer,
      context.stride, workspace.memory.start)
  }

  /// Makes room for the attention of one sequence.
  public func reserve(_ workspace: AttentionWorkspace, length: Int) {
    workspace.reserve(int8Kernels.workspace_size(shape(length: length)))
  }

  private func checkedRow(sequence: Int, first: Int, rows: Int) -> Int {
    let length = sequences[sequence].count
    precondition(first >= 0 && first + rows <= length, "rows outside the sequence")
    return sequences[sequence].lowerBound + first
  }

  private func shape(length: Int) -> scimult_heads { scimult_heads(length: length, heads: heads, head_size: headSize) }

  private func queries(from row: Int) -> UnsafeMutablePointer<UInt8> {
    queries.start.assumingMemoryBound(to: UInt8.self) + row * int8Kernels.query_size(shape(length: 1))
  }

  private func scales(from row: Int) -> UnsafeMutablePointer<Float> { queryScales.baseAddress + row }

  private func blocks(of sequence: Int) -> UnsafeMutablePointer<UInt8> {
    blocks.start.assumingMemoryBound(to: UInt8.self) + offsets[sequence]
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
