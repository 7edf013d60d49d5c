import DequeModule
import Messages

/// A bounded queue of spans to export. A full queue drops new spans.
struct SpanQueue {
  let capacity: Int
  let batchSize: Int
  private var spans: Deque<SpanRecord> = []
  private(set) var dropped = 0

  init(capacity: Int, batchSize: Int) {
    precondition(0 < batchSize && batchSize <= capacity)
    self.capacity = capacity
    self.batchSize = batchSize
  }

  var count: Int { spans.count }

  /// - Returns: whether the span makes a batch complete.
  mutating func add(_ span: SpanRecord) -> Bool {
    guard spans.count < capacity else {
      dropped += 1
      return false
    }
    spans.append(span)
    return spans.count % batchSize == 0
  }

  /// Removes and returns the oldest spans; empty if there are none.
  mutating func takeBatch() -> [SpanRecord] {
    let batch = Array(spans.prefix(batchSize))
    spans.removeFirst(batch.count)
    return batch
  }

  /// Puts back a batch that could not be exported, as far as there is room. Spans that arrived in the meantime stay.
  mutating func putBack(_ batch: [SpanRecord]) {
    let kept = batch.suffix(capacity - spans.count)
    drop(batch.count - kept.count)
    spans.insert(contentsOf: kept, at: 0)
  }

  /// - Returns: the number of lost spans.
  mutating func dropAll() -> Int {
    defer { spans = [] }
    drop(spans.count)
    return spans.count
  }

  /// Counts spans that were taken from the queue and lost.
  mutating func drop(_ count: Int) {
    dropped += count
  }
}
