import Tensor

/// Some rows of a batch, of one expert, that go through the sub-layers together: few enough for their activations to
/// stay in the second-level cache, but enough that the weights are rarely read.
struct Strip: Equatable {
  /// Rows of one sequence.
  struct Piece: Equatable {
    let sequence: Int
    /// The first row's position in the sequence.
    let first: Int
    /// The rows in the batch.
    let rows: Range<Int>
  }

  /// The index of the strip's part of the batch. Rows of several experts in one part are separate strips.
  private let index: Int
  let expert: Int
  private(set) var pieces: [Piece]

  var rows: Range<Int> { pieces[0].rows.lowerBound..<pieces[pieces.count - 1].rows.upperBound }

  /// The maximum number of rows in a strip: a strip starts and ends at the nearest row where a sequence may be divided.
  /// - Parameter rows: the approximate number of rows in a strip.
  static func maxRows(_ rows: Int) -> Int { rows + QuantizedHeads.cutRows }

  /// The minimum number of rows per thread.
  private static let minRowsOfThread = 32

  /// The whole batch as one strip; nil if it has more than about `rows` rows, or several experts.
  static func single(_ batch: PackedBatch, rows: Int) -> Strip? {
    let strips = batch.rows <= rows ? cutting(batch, threads: 1, rows: rows) : []
    return strips.count == 1 ? strips[0] : nil
  }

  /// Divides a batch into strips of about equal size, at rows where a sequence may be divided.
  /// - Parameters:
  ///   - threads: the number of threads that may share the strips; each of them gets the same number of strips.
  ///   - rows: the approximate number of rows in a strip.
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
