import Tensor

/// Some rows of a batch, of one expert, that go through a sub-layer together: few enough for their activations to stay
/// in the second-level cache, many enough for the weights to be read seldom.
struct Strip: Equatable {
  /// Rows of one sequence.
  struct Piece: Equatable {
    let sequence: Int
    /// The first row's place in the sequence.
    let first: Int
    /// Rows of the batch.
    let rows: Range<Int>
  }

  /// Which part of the batch it is of.
  private let index: Int
  let expert: Int
  private(set) var pieces: [Piece]

  var rows: Range<Int> { pieces[0].rows.lowerBound..<pieces[pieces.count - 1].rows.upperBound }

  /// Rows of the longest strip: it begins and ends at the row next to its share where a sequence may be cut.
  /// - Parameter rows: those of a strip, about.
  static func maxRows(_ rows: Int) -> Int { rows + QuantizedHeads.cutRows }

  /// Rows that are worth another thread.
  private static let minRowsOfThread = 32

  /// The whole batch as one strip; nil if it has more rows than that, about, or several experts.
  static func single(_ batch: PackedBatch, rows: Int) -> Strip? {
    let strips = batch.rows <= rows ? cutting(batch, threads: 1, rows: rows) : []
    return strips.count == 1 ? strips[0] : nil
  }

  /// Cuts a batch into strips of about equal size, at rows where a sequence may be cut.
  /// - Parameters:
  ///   - threads: that may share the strips; as many get the same number of them.
  ///   - rows: those of a strip, about.
  static func cutting(_ batch: PackedBatch, threads: Int, rows: Int) -> [Strip] {
    let threads = max(min(threads, batch.rows / minRowsOfThread), 1)
    let full = (batch.rows + rows - 1) / rows
    let count = (full + threads - 1) / threads * threads
    var strips: [Strip] = []
    var index = 0
    for (sequence, rows) in batch.sequences.enumerated() {
      let expert = batch.expert(ofRow: rows.lowerBound)
      var first = 0
      while first < rows.count {
        let start = rows.lowerBound + first
        let room = batch.rows * (index + 1) / count - start
        if room < QuantizedHeads.cutRows / 2, index + 1 < count {
          index += 1
          continue
        }
        let cut = max((room + QuantizedHeads.cutRows / 2) / QuantizedHeads.cutRows, 1) * QuantizedHeads.cutRows
        let taken = min(rows.count - first, cut)
        let piece = Piece(sequence: sequence, first: first, rows: start..<start + taken)
        if let last = strips.last, last.index == index, last.expert == expert {
          strips[strips.count - 1].pieces.append(piece)
        } else {
          strips.append(Strip(index: index, expert: expert, pieces: [piece]))
        }
        first += taken
      }
    }
    return strips
  }
}
