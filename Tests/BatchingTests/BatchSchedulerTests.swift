import Testing

@testable import Batching

/// The scheduler's decisions, one by one.
@Suite struct BatchSchedulerTests {
  private static func scheduler(batch: Int = 100, queue: Int = 1_000) -> BatchScheduler {
    BatchScheduler(limits: BatchScheduler.Limits(maxBatchTokens: batch, maxQueueTokens: queue))
  }

  private static func admit(_ tokens: [Int], to scheduler: inout BatchScheduler) throws -> BatchScheduler.JobID {
    guard case .admitted(let id) = scheduler.admit(tokens: tokens) else {
      Issue.record("the job was not admitted")
      throw CancellationError()
    }
    return id
  }

  @Test func smallJobsShareABatch() throws {
    var scheduler = Self.scheduler()
    let first = try Self.admit([30, 30], to: &scheduler)
    let second = try Self.admit([40], to: &scheduler)
    #expect(
      scheduler.nextBatch(idleWorkers: 0) == [
        BatchScheduler.Slice(job: first, sequences: 0..<2), BatchScheduler.Slice(job: second, sequences: 0..<1),
      ])
    #expect(scheduler.nextBatch(idleWorkers: 0) == nil)
  }

  @Test func aLargeJobRunsInSlicesAndIsAnsweredOnce() throws {
    var scheduler = Self.scheduler()
    let id = try Self.admit([60, 60, 60], to: &scheduler)
    let slices = (0..<3).compactMap { _ in scheduler.nextBatch(idleWorkers: 0) }.flatMap(\.self)
    #expect(slices == (0..<3).map { BatchScheduler.Slice(job: id, sequences: $0..<$0 + 1) })
    #expect(slices.reversed().map { scheduler.finish($0) } == [false, false, true])
  }

  @Test func aSequenceLongerThanABatchRunsAlone() throws {
    var scheduler = Self.scheduler(batch: 10)
    let id = try Self.admit([25, 5], to: &scheduler)
    #expect(scheduler.nextBatch(idleWorkers: 0) == [BatchScheduler.Slice(job: id, sequences: 0..<1)])
    #expect(scheduler.nextBatch(idleWorkers: 0) == [BatchScheduler.Slice(job: id, sequences: 1..<2)])
  }

  @Test func aJobLargerThanTheQueueIsAdmittedAlone() throws {
    var scheduler = Self.scheduler(queue: 100)
    _ = try Self.admit([500, 500], to: &scheduler)
    #expect(scheduler.admit(tokens: [1]) == .queueFull(waitingTokens: 1_000))
    _ = scheduler.nextBatch(idleWorkers: 0)
    #expect(scheduler.admit(tokens: [1]) == .queueFull(waitingTokens: 500))
    _ = scheduler.nextBatch(idleWorkers: 0)
    #expect(scheduler.waitingTokens == 0)
    _ = try Self.admit([101], to: &scheduler)
  }

  @Test func theQueueMayBeFilledToItsLimitExactly() throws {
    var scheduler = Self.scheduler(queue: 100)
    _ = try Self.admit([60], to: &scheduler)
    _ = try Self.admit([40], to: &scheduler)
    #expect(scheduler.admit(tokens: [1]) == .queueFull(waitingTokens: 100))
  }

  @Test func idleWorkersGetTheirShareOfWhatWaits() throws {
    var scheduler = Self.scheduler(batch: 16_384, queue: 1 << 20)
    _ = try Self.admit(Array(repeating: 100, count: 40), to: &scheduler)
    for idle in [3, 2, 1, 0] {
      let batch = scheduler.nextBatch(idleWorkers: idle)
      #expect(batch?.map(\.sequences.count) == [10], "a quarter each")
    }
    #expect(scheduler.nextBatch(idleWorkers: 0) == nil)
  }

  @Test func cancelledWorkMakesRoomAndNeverStarts() throws {
    var scheduler = Self.scheduler(queue: 100)
    let first = try Self.admit([100], to: &scheduler)
    let isCancelled = scheduler.cancel(first)
    #expect(isCancelled)
    let isCancelledAgain = scheduler.cancel(first)
    #expect(!isCancelledAgain)
    #expect(scheduler.openJobs == 0)
    let second = try Self.admit([100], to: &scheduler)
    #expect(scheduler.nextBatch(idleWorkers: 0) == [BatchScheduler.Slice(job: second, sequences: 0..<1)])
  }

  @Test func aJobCancelledWhileItRunsIsNotAnswered() throws {
    var scheduler = Self.scheduler(batch: 10)
    let id = try Self.admit([10, 10], to: &scheduler)
    let batch = scheduler.nextBatch(idleWorkers: 0)
    let running = try #require(batch)
    let isCancelled = scheduler.cancel(id)
    #expect(isCancelled)
    #expect(scheduler.waitingTokens == 0)
    #expect(scheduler.nextBatch(idleWorkers: 0) == nil)
    #expect(running.map { scheduler.finish($0) } == [false])
    #expect(scheduler.openJobs == 0)
  }

  @Test func aDrainingSchedulerFinishesWhatItHas() throws {
    var scheduler = Self.scheduler()
    let id = try Self.admit([10], to: &scheduler)
    scheduler.drain()
    #expect(scheduler.admit(tokens: [1]) == .draining)
    let slice = BatchScheduler.Slice(job: id, sequences: 0..<1)
    #expect(scheduler.nextBatch(idleWorkers: 0) == [slice])
    let isAnswered = scheduler.finish(slice)
    #expect(isAnswered)
  }
}
