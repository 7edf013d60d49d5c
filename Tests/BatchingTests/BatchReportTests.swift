import NIOCore
import Synchronization
import TestSupport
import Testing
import Transformer

@testable import Batching

/// A runner's reports about its batches.
@Suite struct BatchReportTests {
  private final class Reports: Sendable {
    private let reports = Mutex<[BatchReport]>([])

    var all: [BatchReport] { reports.withLock(\.self) }

    @Sendable func add(_ report: BatchReport) { reports.withLock { $0.append(report) } }
  }

  private let model: EncoderModel
  private let reports = Reports()

  init() throws {
    model = try TinyExpert.load()
  }

  private func runner(batch: Int) -> BatchRunner {
    BatchRunner(model: model, threads: 1, maxBatchTokens: batch, maxQueueTokens: 1 << 20, observe: reports.add)
  }

  private func inputs(_ count: Int, tokens: Int) -> [EncoderInput] {
    let ids = [Int32](repeating: 5, count: tokens)
    return [EncoderInput](repeating: EncoderInput(tokens: ids, task: .search, role: .query), count: count)
  }

  @Test func aBatchIsReportedBeforeItsJobIsAnswered() async throws {
    let runner = runner(batch: 512)
    let reports = reports
    let seen = Mutex(0)
    _ = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<[[Float]], any Error>) in
      do {
        _ = try runner.submit(inputs(3, tokens: 20)) { result in
          seen.withLock { $0 = reports.all.count }
          continuation.resume(with: result.mapError { $0 as any Error })
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
    #expect(seen.withLock(\.self) == 1)
    let report = try #require(reports.all.first)
    #expect(report.sequences == 3 && report.tokens == 60)
    #expect(report.encodeTime > .nanoseconds(0) && report.queueWaits.count == 1)
    try await runner.shutdown()
  }

  @Test func aJobInSlicesWaitedOnce() async throws {
    let runner = runner(batch: 300)
    _ = try await runner.encode(inputs(10, tokens: 100))
    #expect(reports.all.count > 2)
    #expect(reports.all.map(\.tokens).reduce(0, +) == 1_000)
    #expect(reports.all.map(\.sequences).reduce(0, +) == 10)
    #expect(reports.all.map(\.queueWaits.count) == [1] + [Int](repeating: 0, count: reports.all.count - 1))
    try await runner.shutdown()
  }

  @Test func whatWaitsBehindABusyWorkerWaitsThatLong() async throws {
    let runner = runner(batch: 512)
    let worker = try await BusyWorker(of: runner)
    #expect(runner.waitingTokens == 0)
    _ = try runner.submit(inputs(2, tokens: 10)) { _ in }
    _ = try runner.submit(inputs(1, tokens: 30)) { _ in }
    #expect(runner.waitingTokens == 50)
    let start = NIODeadline.now()
    try await Task.sleep(for: .milliseconds(20))
    let held = NIODeadline.now() - start
    worker.letGo()
    try await runner.shutdown()
    #expect(runner.waitingTokens == 0)
    let report = try #require(reports.all.last)
    #expect(report.sequences == 3 && report.tokens == 50)
    #expect(report.queueWaits.count == 2 && report.queueWaits.allSatisfy { $0 >= held })
  }
}
