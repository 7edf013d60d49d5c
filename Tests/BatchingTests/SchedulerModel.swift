import TestSupport
import Testing

@testable import Batching

/// A scheduler and a simple model of its expected behaviour, compared at every step.
struct SchedulerModel {
  enum SequenceState {
    case waiting, running, done
  }

  struct Job {
    let id: BatchScheduler.JobID
    let flow: Flow
    let tokens: [Int]
    var states: [SequenceState]
    var isCancelled = false
    var isAnswered = false

    var waitingTokens: Int {
      isCancelled ? 0 : zip(tokens, states).reduce(0) { $1.1 == .waiting ? $0 + $1.0 : $0 }
    }

    var isOpen: Bool { states.contains(.running) || (!isCancelled && !isAnswered) }
  }

  private var scheduler: BatchScheduler
  private let limits: BatchScheduler.Limits
  private(set) var jobs: [Job] = []
  private var running: [BatchScheduler.Slice] = []
  /// Batches that can still be interrupted.
  private var batchesUnderWay: [(batch: BatchScheduler.Batch, isShort: Bool)] = []
  private var isDraining = false
  private(set) var batches = 0
  private(set) var urgentBatches = 0
  private(set) var rejections = 0

  init(limits: BatchScheduler.Limits) {
    self.limits = limits
    scheduler = BatchScheduler(limits: limits)
  }

  var waitingTokens: Int { jobs.reduce(0) { $0 + $1.waitingTokens } }
  var hasRunningSlices: Bool { !running.isEmpty }

  mutating func admit(_ tokens: [Int], of flow: Flow) {
    let waiting = waitingTokens
    let own = jobs.reduce(0) { $1.flow == flow ? $0 + $1.waitingTokens : $0 }
    let (total, room) = (tokens.reduce(0, +), limits.maxQueueTokens - waiting)
    let fits = waiting == 0 || (total <= room && (own == 0 || own + total <= 3 * room))
    switch scheduler.admit(tokens: tokens, flow: flow) {
    case .admitted(let id):
      #expect(!isDraining && fits)
      #expect(jobs.allSatisfy { $0.id != id }, "a job's id is its own")
      jobs.append(Job(id: id, flow: flow, tokens: tokens, states: tokens.map { _ in .waiting }))
    case .queueFull(let toldOwn, let toldAll):
      #expect(!isDraining && !fits)
      #expect(toldOwn == own && toldAll == waiting)
      rejections += 1
    case .draining:
      #expect(isDraining)
    }
    check()
  }

  mutating func cancelAny(using generator: inout SeededGenerator) {
    guard let index = jobs.indices.randomElement(using: &generator) else { return }
    let wasOpen = !jobs[index].isCancelled && !jobs[index].isAnswered
    #expect(scheduler.cancel(jobs[index].id) == wasOpen)
    if wasOpen { jobs[index].isCancelled = true }
    check()
  }

  mutating func nextBatch(idleWorkers: Int) {
    guard let batch = scheduler.nextBatch(idleWorkers: idleWorkers) else {
      #expect(waitingTokens == 0, "a worker was sent to sleep though work waits")
      return
    }
    batches += 1
    let isShort = isShort(flow(of: batch.slices[0].job))
    let limit = isShort ? min(limits.maxBatchTokens, BatchScheduler.shortBatchTokens) : limits.maxBatchTokens
    let tokens = take(batch)
    #expect(tokens <= limit || batch.slices.count == 1)
    if idleWorkers == 0, tokens < limit {
      let next = Dictionary(grouping: waitingPlaces, by: \.flow).values.compactMap(\.first)
      let fits = next.filter { tokens + self.tokens(of: $0) <= limit }
      let others = next.filter { place in !batch.slices.contains { flow(of: $0.job) == place.flow } }
      #expect(
        next.isEmpty || fits.count < next.count || !others.isEmpty,
        "a batch leaves behind only what does not fit, and other flows that do not ride with its own")
    }
    batchesUnderWay.append((batch, isShort))
    if batchesUnderWay.count > 4 { batchesUnderWay.removeFirst() }
    check()
  }

  mutating func nextUrgentBatch(using generator: inout SeededGenerator) {
    guard let running = batchesUnderWay.randomElement(using: &generator) else { return }
    guard let urgent = scheduler.nextUrgentBatch(during: running.batch) else { return }
    urgentBatches += 1
    #expect(!running.isShort, "short work is not interrupted")
    #expect(urgent.slices.allSatisfy { flow(of: $0.job).priority == .interactive })
    _ = take(urgent)
    check()
  }

  /// Checks a batch and records that it runs.
  /// - Returns: the batch's tokens.
  private mutating func take(_ batch: BatchScheduler.Batch) -> Int {
    let taken = batch.slices.flatMap { slice in
      slice.sequences.map { Place(job: slice.job, sequence: $0, flow: flow(of: slice.job)) }
    }
    #expect(!taken.isEmpty)
    #expect(Set(taken.map { isShort($0.flow) }).count == 1, "short flows ride with short ones")
    let waiting = Dictionary(grouping: waitingPlaces, by: \.flow)
    for (flow, places) in Dictionary(grouping: taken, by: \.flow) {
      #expect(
        places == Array((waiting[flow] ?? []).prefix(places.count)),
        "first in, first out; nothing twice, nothing cancelled")
    }
    let tokens = taken.reduce(0) { $0 + self.tokens(of: $1) }
    #expect(tokens <= limits.maxBatchTokens || taken.count == 1)
    for place in taken { set(place, .running) }
    running += batch.slices
    return tokens
  }

  mutating func finishAny(using generator: inout SeededGenerator) {
    guard let index = running.indices.randomElement(using: &generator) else { return }
    let slice = running.remove(at: index)
    for sequence in slice.sequences {
      set(Place(job: slice.job, sequence: sequence, flow: flow(of: slice.job)), .done)
    }
    guard let job = jobs.firstIndex(where: { $0.id == slice.job }) else { return }
    let completes = !jobs[job].isCancelled && jobs[job].states.allSatisfy { $0 == .done }
    #expect(scheduler.finish(slice) == completes)
    if completes {
      #expect(!jobs[job].isAnswered, "a job is answered once")
      jobs[job].isAnswered = true
    }
    check()
  }

  mutating func drain() {
    scheduler.drain()
    isDraining = true
  }

  private struct Place: Equatable {
    let job: BatchScheduler.JobID
    let sequence: Int
    let flow: Flow
  }

  private var waitingPlaces: [Place] {
    jobs.filter { !$0.isCancelled }.flatMap { job in
      job.states.indices.filter { job.states[$0] == .waiting }.map { Place(job: job.id, sequence: $0, flow: job.flow) }
    }
  }

  /// Whether a flow has few waiting tokens.
  private func isShort(_ flow: Flow) -> Bool {
    waitingPlaces.reduce(0) { $1.flow == flow ? $0 + tokens(of: $1) : $0 } <= 512
  }

  private func flow(of job: BatchScheduler.JobID) -> Flow { jobs.first { $0.id == job }?.flow ?? .server }

  private func tokens(of place: Place) -> Int { jobs.first { $0.id == place.job }?.tokens[place.sequence] ?? 0 }

  private mutating func set(_ place: Place, _ state: SequenceState) {
    guard let job = jobs.firstIndex(where: { $0.id == place.job }) else { return }
    jobs[job].states[place.sequence] = state
  }

  private mutating func check() {
    #expect(scheduler.waitingTokens == waitingTokens)
    #expect(scheduler.openJobs == jobs.count { $0.isOpen })
    // Finished jobs are removed, except for a few that the test cancels again.
    if jobs.count > 60 { jobs.removeAll { !$0.isOpen } }
  }
}
