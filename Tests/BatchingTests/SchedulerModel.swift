import TestSupport
import Testing

@testable import Batching

/// A scheduler beside the plainest possible record of what it promised, compared at every step.
struct SchedulerModel {
  enum SequenceState {
    case waiting, running, done
  }

  struct Job {
    let id: BatchScheduler.JobID
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
  private var isDraining = false
  private(set) var batches = 0
  private(set) var rejections = 0

  init(limits: BatchScheduler.Limits) {
    self.limits = limits
    scheduler = BatchScheduler(limits: limits)
  }

  var waitingTokens: Int { jobs.reduce(0) { $0 + $1.waitingTokens } }
  var hasRunningSlices: Bool { !running.isEmpty }

  mutating func admit(_ tokens: [Int]) {
    let waiting = waitingTokens
    let fits = waiting == 0 || waiting + tokens.reduce(0, +) <= limits.maxQueueTokens
    switch scheduler.admit(tokens: tokens) {
    case .admitted(let id):
      #expect(!isDraining && fits)
      #expect(jobs.allSatisfy { $0.id != id }, "a job's id is its own")
      jobs.append(Job(id: id, tokens: tokens, states: tokens.map { _ in .waiting }))
    case .queueFull(let told):
      #expect(!isDraining && !fits)
      #expect(told == waiting)
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
    guard let slices = scheduler.nextBatch(idleWorkers: idleWorkers) else {
      #expect(waitingTokens == 0, "a worker was sent to sleep though work waits")
      return
    }
    batches += 1
    let taken = slices.flatMap { slice in slice.sequences.map { Place(job: slice.job, sequence: $0) } }
    #expect(!taken.isEmpty)
    #expect(taken == Array(waitingPlaces.prefix(taken.count)), "first in, first out; nothing twice, nothing cancelled")
    let takenTokens = slices.reduce(0) { $0 + tokens(of: $1) }
    #expect(takenTokens <= limits.maxBatchTokens || taken.count == 1)
    for place in taken { set(place, .running) }
    if idleWorkers == 0, let next = waitingPlaces.first, let job = jobs.first(where: { $0.id == next.job }) {
      let nextTokens = job.tokens[next.sequence]
      #expect(takenTokens + nextTokens > limits.maxBatchTokens, "a batch leaves behind only what does not fit")
    }
    running += slices
    check()
  }

  mutating func finishAny(using generator: inout SeededGenerator) {
    guard let index = running.indices.randomElement(using: &generator) else { return }
    let slice = running.remove(at: index)
    for sequence in slice.sequences { set(Place(job: slice.job, sequence: sequence), .done) }
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
  }

  private var waitingPlaces: [Place] {
    jobs.filter { !$0.isCancelled }.flatMap { job in
      job.states.indices.filter { job.states[$0] == .waiting }.map { Place(job: job.id, sequence: $0) }
    }
  }

  private func tokens(of slice: BatchScheduler.Slice) -> Int {
    jobs.first { $0.id == slice.job }?.tokens[slice.sequences].reduce(0, +) ?? 0
  }

  private mutating func set(_ place: Place, _ state: SequenceState) {
    guard let job = jobs.firstIndex(where: { $0.id == place.job }) else { return }
    jobs[job].states[place.sequence] = state
  }

  private mutating func check() {
    #expect(scheduler.waitingTokens == waitingTokens)
    #expect(scheduler.openJobs == jobs.count { $0.isOpen })
    // What is over is of no more interest, but for a few jobs to cancel once more.
    if jobs.count > 60 { jobs.removeAll { !$0.isOpen } }
  }
}
