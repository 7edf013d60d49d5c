import Testing

@testable import Batching

/// The scheduler's decisions, one by one.
@Suite struct BatchSchedulerTests {
  private static func scheduler(batch: Int = 100, queue: Int = 1_000) -> BatchScheduler {
    BatchScheduler(limits: BatchScheduler.Limits(maxBatchTokens: batch, maxQueueTokens: queue))
  }

  private static func admit(
    _ tokens: [Int], of flow: Flow = .server, to scheduler: inout BatchScheduler
  ) throws -> BatchScheduler.JobID {
    guard case .admitted(let id) = scheduler.admit(tokens: tokens, flow: flow) else {
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
      scheduler.nextBatch(idleWorkers: 0)?.slices == [
        BatchScheduler.Slice(job: first, sequences: 0..<2), BatchScheduler.Slice(job: second, sequences: 0..<1),
      ])
    #expect(scheduler.nextBatch(idleWorkers: 0) == nil)
  }

  @Test func aLargeJobRunsInSlicesAndIsAnsweredOnce() throws {
    var scheduler = Self.scheduler()
    let id = try Self.admit([60, 60, 60], to: &scheduler)
    let slices = (0..<3).compactMap { _ in scheduler.nextBatch(idleWorkers: 0) }.flatMap(\.slices)
    #expect(slices == (0..<3).map { BatchScheduler.Slice(job: id, sequences: $0..<$0 + 1) })
    #expect(slices.reversed().map { scheduler.finish($0) } == [false, false, true])
  }

  @Test func aSequenceLongerThanABatchRunsAlone() throws {
    var scheduler = Self.scheduler(batch: 10)
    let id = try Self.admit([25, 5], to: &scheduler)
    #expect(scheduler.nextBatch(idleWorkers: 0)?.slices == [BatchScheduler.Slice(job: id, sequences: 0..<1)])
    #expect(scheduler.nextBatch(idleWorkers: 0)?.slices == [BatchScheduler.Slice(job: id, sequences: 1..<2)])
  }

  @Test func aJobLargerThanTheQueueIsAdmittedAlone() throws {
    var scheduler = Self.scheduler(queue: 100)
    _ = try Self.admit([500, 500], to: &scheduler)
    #expect(scheduler.admit(tokens: [1], flow: .server) == .queueFull(flowTokens: 1_000, waitingTokens: 1_000))
    _ = scheduler.nextBatch(idleWorkers: 0)
    #expect(scheduler.admit(tokens: [1], flow: .server) == .queueFull(flowTokens: 500, waitingTokens: 500))
    _ = scheduler.nextBatch(idleWorkers: 0)
    #expect(scheduler.waitingTokens == 0)
    _ = try Self.admit([101], to: &scheduler)
  }

  @Test func theQueueMayBeFilledToItsLimitExactly() throws {
    var scheduler = Self.scheduler(queue: 100)
    _ = try Self.admit([60], to: &scheduler)
    _ = try Self.admit([40], of: Flow(client: 2, priority: .interactive), to: &scheduler)
    #expect(scheduler.admit(tokens: [1], flow: .server) == .queueFull(flowTokens: 60, waitingTokens: 100))
  }

  @Test func aQueueWithoutBoundTakesAll() throws {
    var scheduler = Self.scheduler(queue: .max)
    for _ in 0..<3 { _ = try Self.admit([500], to: &scheduler) }
    #expect(scheduler.waitingTokens == 1_500)
  }

  @Test func aFlowLeavesRoomForOthers() throws {
    var scheduler = Self.scheduler(queue: 1_000)
    let greedy = (1...3).map { Flow(client: $0, priority: .interactive) }
    for _ in 0..<100 {
      for flow in greedy { _ = scheduler.admit(tokens: [10], flow: flow) }
    }
    // Each flow stops at three times the remaining space: 300 + 300 + 300, and 100.
    #expect(scheduler.waitingTokens == 900)
    _ = try Self.admit([100], of: Flow(client: 4, priority: .interactive), to: &scheduler)
  }

  @Test func idleWorkersGetTheirShareOfWhatWaits() throws {
    var scheduler = Self.scheduler(batch: 16_384, queue: 1 << 20)
    _ = try Self.admit(Array(repeating: 100, count: 40), to: &scheduler)
    for idle in [3, 2, 1, 0] {
      let batch = scheduler.nextBatch(idleWorkers: idle)
      #expect(batch?.slices.map(\.sequences.count) == [10], "a quarter each")
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
    #expect(scheduler.nextBatch(idleWorkers: 0)?.slices == [BatchScheduler.Slice(job: second, sequences: 0..<1)])
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
    #expect(running.slices.map { scheduler.finish($0) } == [false])
    #expect(scheduler.openJobs == 0)
  }

  @Test func aDrainingSchedulerFinishesWhatItHas() throws {
    var scheduler = Self.scheduler()
    let id = try Self.admit([10], to: &scheduler)
    scheduler.drain()
    #expect(scheduler.admit(tokens: [1], flow: .server) == .draining)
    let slice = BatchScheduler.Slice(job: id, sequences: 0..<1)
    #expect(scheduler.nextBatch(idleWorkers: 0)?.slices == [slice])
    let isAnswered = scheduler.finish(slice)
    #expect(isAnswered)
  }

  // MARK: Flows

  private static let bulk = Flow(client: 1, priority: .interactive)
  private static let person = Flow(client: 2, priority: .interactive)
  private static let background = Flow(client: 3, priority: .batch)

  @Test func aClientIsNotKeptWaitingByAnothersQueue() throws {
    var scheduler = Self.scheduler(batch: 1_000, queue: 1 << 20)
    _ = try Self.admit(Array(repeating: 100, count: 500), of: Self.bulk, to: &scheduler)
    _ = scheduler.nextBatch(idleWorkers: 0)
    let late = try Self.admit([10], of: Self.person, to: &scheduler)
    let batch = scheduler.nextBatch(idleWorkers: 0)
    #expect(batch?.slices.first?.job == late)
    #expect(batch?.slices.count == 1, "and a short text does not wait for the end of a long batch")
    #expect(scheduler.nextBatch(idleWorkers: 0)?.slices.first?.sequences == 10..<20)
  }

  @Test func shortFlowsRideTogether() throws {
    var scheduler = Self.scheduler(batch: 1_000, queue: 1 << 20)
    _ = try Self.admit(Array(repeating: 100, count: 500), of: Self.bulk, to: &scheduler)
    var people: [BatchScheduler.JobID] = []
    for client: UInt64 in 10..<30 {
      people.append(try Self.admit([10], of: Flow(client: client, priority: .interactive), to: &scheduler))
    }
    let batches = (0..<2).compactMap { _ in scheduler.nextBatch(idleWorkers: 0)?.slices.map(\.job) }
    #expect(batches.last == people)
  }

  @Test func twoClientsThatAlwaysHaveWorkShareTheTokens() throws {
    var scheduler = Self.scheduler(batch: 600, queue: 1 << 20)
    let long = try Self.admit(Array(repeating: 300, count: 200), of: Self.bulk, to: &scheduler)
    _ = try Self.admit(Array(repeating: 20, count: 3_000), of: Self.person, to: &scheduler)
    var tokens = 0
    for _ in 0..<50 {
      let batch = scheduler.nextBatch(idleWorkers: 0)
      for slice in try #require(batch).slices where slice.job == long {
        tokens += 300 * slice.sequences.count
      }
    }
    #expect(abs(tokens - 50 * 600 / 2) <= 1_200, "\(tokens)")
  }

  @Test func batchWorkYieldsButGoesOn() throws {
    var scheduler = Self.scheduler(batch: 512, queue: 1 << 20)
    let yielding = try Self.admit(Array(repeating: 64, count: 1_000), of: Self.background, to: &scheduler)
    _ = try Self.admit(Array(repeating: 64, count: 1_000), of: Self.bulk, to: &scheduler)
    var tokens = 0
    for _ in 0..<90 {
      let batch = scheduler.nextBatch(idleWorkers: 0)
      for slice in try #require(batch).slices where slice.job == yielding {
        tokens += 64 * slice.sequences.count
      }
    }
    #expect((3_000...8_000).contains(tokens), "a ninth of 46,080, about: \(tokens)")
  }

  @Test func shortWorkThatIsDueRunsInBetween() throws {
    var scheduler = Self.scheduler(batch: 10_000, queue: 1 << 20)
    _ = try Self.admit(Array(repeating: 100, count: 500), of: Self.bulk, to: &scheduler)
    let batch = scheduler.nextBatch(idleWorkers: 0)
    let running = try #require(batch)
    #expect(scheduler.nextUrgentBatch(during: running) == nil, "its own flow waits")
    _ = try Self.admit([10], of: Self.background, to: &scheduler)
    #expect(scheduler.nextUrgentBatch(during: running) == nil, "batch work waits")
    let first = try Self.admit([10], of: Self.person, to: &scheduler)
    let second = try Self.admit(Array(repeating: 100, count: 300), of: Self.person, to: &scheduler)
    let urgent = scheduler.nextUrgentBatch(during: running)
    #expect(
      urgent?.slices == [
        BatchScheduler.Slice(job: first, sequences: 0..<1), BatchScheduler.Slice(job: second, sequences: 0..<5),
      ], "some hundred tokens")
    var tokens = 0
    while let next = scheduler.nextUrgentBatch(during: running) {
      for slice in next.slices { tokens += 100 * slice.sequences.count }
    }
    #expect((9_000...10_500).contains(tokens), "no more than the batch's share: \(tokens)")
  }

  @Test func shortWorkGoesOnThoughOtherShortWorkIsDue() throws {
    var scheduler = Self.scheduler(batch: 10_000, queue: 1 << 20)
    for client: UInt64 in 10..<30 {
      _ = try Self.admit([200], of: Flow(client: client, priority: .interactive), to: &scheduler)
    }
    let batch = scheduler.nextBatch(idleWorkers: 0)
    #expect(batch?.slices.count == 5, "a thousand tokens")
    _ = try Self.admit([10], of: Self.person, to: &scheduler)
    #expect(scheduler.nextUrgentBatch(during: try #require(batch)) == nil)
    let next = scheduler.nextBatch(idleWorkers: 0)
    #expect(next?.slices.count == 5)
  }

  @Test func aClientThatComesBackHasNoClaimFromBefore() throws {
    var scheduler = Self.scheduler(batch: 100, queue: 1 << 20)
    _ = try Self.admit(Array(repeating: 100, count: 50), of: Self.bulk, to: &scheduler)
    for _ in 0..<40 { _ = scheduler.nextBatch(idleWorkers: 0) }
    let other = try Self.admit(Array(repeating: 100, count: 50), of: Self.person, to: &scheduler)
    let served = (0..<20).compactMap { _ in scheduler.nextBatch(idleWorkers: 0)?.slices.first?.job }
    #expect((8...12).contains(served.count { $0 == other }), "half from here on")
  }
}
