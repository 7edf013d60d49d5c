import Messages
import Testing

@testable import Telemetry

/// Which spans wait for export, and which are lost.
@Suite struct SpanQueueTests {
  private func span(_ number: Int) -> SpanRecord {
    let position = SpanPosition(trace: TraceID(high: 0, low: 1), span: SpanID(1), flags: 1)
    return SpanRecord(position: position, name: "\(number)", start: 0, end: 0)
  }

  private func queue(holding numbers: Range<Int>) -> SpanQueue {
    var queue = SpanQueue(capacity: 5, batchSize: 2)
    for number in numbers { _ = queue.add(span(number)) }
    return queue
  }

  @Test func batchesComeInOrder() {
    var queue = queue(holding: 0..<5)
    var batches: [[String]] = []
    while queue.count > 0 { batches.append(queue.takeBatch().map(\.name)) }
    #expect(batches == [["0", "1"], ["2", "3"], ["4"]])
    let none = queue.takeBatch()
    #expect(none.isEmpty)
    #expect(queue.dropped == 0)
  }

  @Test func aCompleteBatchIsTold() {
    var queue = SpanQueue(capacity: 5, batchSize: 2)
    let told = (0..<6).map { queue.add(span($0)) }
    #expect(told == [false, true, false, true, false, false])
  }

  @Test func aFullQueueDropsWhatComes() {
    var queue = queue(holding: 0..<8)
    #expect(queue.dropped == 3)
    let batch = queue.takeBatch()
    #expect(batch.map(\.name) == ["0", "1"])
    _ = queue.add(span(9))
    #expect(queue.dropped == 3)
  }

  @Test func aReturnedBatchGoesFirstButYieldsToNewerSpans() {
    var queue = queue(holding: 0..<4)
    let batch = queue.takeBatch()
    for number in 4..<6 { _ = queue.add(span(number)) }
    queue.putBack(batch)
    #expect(queue.dropped == 1)
    let next = queue.takeBatch()
    #expect(next.map(\.name) == ["1", "2"])
  }

  @Test func remainingSpansAreLostAtTheEnd() {
    var queue = queue(holding: 0..<3)
    queue.drop(4)
    let lost = queue.dropAll()
    #expect(lost == 3)
    #expect(queue.count == 0)
    #expect(queue.dropped == 7)
  }
}
