import CKernels

/// Memory for one layer's queries, keys and values, for all sequences of a pass: a row of queries for each row of the
/// pass, and a block of keys and values for each sequence.
struct HeadBlocks {
  let heads: Int
  let headSize: Int
  private var sequences: [Range<Int>] = []
  /// The start of each sequence's block.
  private var offsets: [Int] = []
  private var queryBytes = 0
  private var queries = AlignedBuffer(byteCount: 0)
  private var blocks = AlignedBuffer(byteCount: 0)

  init(heads: Int, headSize: Int) {
    precondition(heads > 0 && headSize > 0)
    self.heads = heads
    self.headSize = headSize
  }

  var columns: Int { heads * headSize }
  var byteCount: Int { queries.byteCount + blocks.byteCount }

  /// Makes room for a pass.
  /// - Parameters:
  ///   - sequences: the rows of each sequence, ascending and without gaps.
  ///   - queryBytes: the size of a row of queries.
  ///   - blockBytes: the size of a sequence's block.
  mutating func reserve(_ sequences: [Range<Int>], queryBytes: Int, blockBytes: (scimult_heads) -> Int) {
    self.sequences = sequences
    self.queryBytes = queryBytes
    offsets.removeAll(keepingCapacity: true)
    var end = 0
    for sequence in sequences.indices {
      offsets.append(end)
      end += blockBytes(shape(of: sequence))
    }
    AlignedBuffer.grow(&blocks, to: end)
    AlignedBuffer.grow(&queries, to: (sequences.last?.upperBound ?? 0) * queryBytes)
  }

  func shape(of sequence: Int) -> scimult_heads { shape(length: sequences[sequence].count) }

  func shape(length: Int) -> scimult_heads { scimult_heads(length: length, heads: heads, head_size: headSize) }

  func block(of sequence: Int) -> UnsafeMutablePointer<UInt8> {
    blocks.start.assumingMemoryBound(to: UInt8.self) + offsets[sequence]
  }

  func queries(from row: Int) -> UnsafeMutableRawPointer { queries.start + row * queryBytes }

  /// The row in the pass of a sequence's row.
  func row(of sequence: Int, first: Int, rows: Int) -> Int {
    precondition(first >= 0 && first + rows <= sequences[sequence].count, "rows outside the sequence")
    return sequences[sequence].lowerBound + first
  }

  /// The same for rows that are split on their own.
  func rowOfPiece(of sequence: Int, first: Int, rows: Int) -> Int {
    let cutRows = QuantizedHeads.cutRows
    precondition(first.isMultiple(of: cutRows), "cut at another row")
    precondition(rows.isMultiple(of: cutRows) || first + rows == sequences[sequence].count, "cut at another row")
    return row(of: sequence, first: first, rows: rows)
  }
}
