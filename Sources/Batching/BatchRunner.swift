import Dispatch
import NIOCore
import NIOPosix
import Synchronization
import Tensor
import Transformer

/// The reason why a job has no embeddings.
public enum EncodingFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The queue is full. The numbers are the waiting tokens of the flow, all waiting tokens, and the queue's limit.
  case queueFull(flowTokens: Int, waitingTokens: Int, limit: Int)
  /// The server is stopping.
  case draining
  /// The encoder returned an infinite or NaN value for this sequence of the job.
  case notFinite(sequence: Int)

  public var description: String {
    switch self {
    case .queueFull(let own, let waiting, let limit):
      "\(waiting) tokens are waiting to be encoded, \(own) of them of this client; the limit is \(limit)"
    case .draining: "the encoder is stopping"
    case .notFinite(let sequence): "sequence \(sequence) could not be encoded: the model makes no finite numbers of it"
    }
  }
}

/// Runs jobs on worker threads, with many requests in one batch.
///
/// An idle worker takes queued work at once. While all workers are busy, the queue grows, and batches fill without any
/// waiting. Between two items of its pass, a busy worker runs short work of other flows that is due before its batch
/// ends.
public final class BatchRunner: Sendable {
  public typealias Completion = @Sendable (Result<[[Float]], EncodingFailure>) -> Void

  private struct Job {
    let inputs: [EncoderInput]
    var embeddings: [[Float]]
    let observer: (any JobObserver)?
    /// Receives the encoder's output, finite or not.
    let completion: @Sendable ([[Float]]) -> Void
    let admission = NIODeadline.now()
  }

  /// A batch, with its inputs and its measurements.
  private struct Work {
    let batch: BatchScheduler.Batch
    let inputs: [EncoderInput]
    let start = NIODeadline.now()
    /// The admission times of the jobs that begin with this batch.
    let admissions: [NIODeadline]
    /// The observers of those jobs.
    let observers: [any JobObserver]

    func report(encodedAt end: NIODeadline) -> BatchReport {
      BatchReport(
        sequences: inputs.count, tokens: inputs.reduce(0) { $0 + $1.tokens.count }, encodeTime: end - start,
        queueWaits: admissions.map { start - $0 })
    }
  }

  private struct State {
    var scheduler: BatchScheduler
    var jobs: [BatchScheduler.JobID: Job] = [:]
    /// The number of workers that sleep and have not been woken.
    var sleepingWorkers = 0
    /// The number of workers that encode.
    var busyWorkers = 0
    /// The passes with which idle workers may help.
    var openPasses: [SharedPass] = []
    var isStopping = false

    func work(_ batch: BatchScheduler.Batch) -> Work {
      var inputs: [EncoderInput] = []
      var admissions: [NIODeadline] = []
      var observers: [any JobObserver] = []
      for slice in batch.slices {
        let job = jobs[slice.job]!
        inputs += job.inputs[slice.sequences]
        guard slice.sequences.lowerBound == 0 else { continue }
        admissions.append(job.admission)
        if let observer = job.observer { observers.append(observer) }
      }
      return Work(batch: batch, inputs: inputs, admissions: admissions, observers: observers)
    }
  }

  /// A job that can be cancelled.
  public struct Ticket: Sendable {
    fileprivate let id: BatchScheduler.JobID
    fileprivate let runner: BatchRunner

    /// Drops the job. Its completion is not called after this returns, unless the call has already begun.
    public func cancel() { runner.cancel(id) }
  }

  private let model: EncoderModel
  private let observe: BatchObserver
  private let state: Mutex<State>
  /// The number of calls of `admit`, ever. Busy workers read it without a lock to see whether there may be new work.
  private let arrivals = Atomic<Int>(0)
  private let wakeUp = DispatchSemaphore(value: 0)
  private let threads: NIOThreadPool
  private let threadCount: Int
  /// The workers that have not ended.
  private let workers = DispatchGroup()

  /// - Parameters:
  ///   - threads: the number of workers, each of which encodes its own batches.
  ///   - maxBatchTokens: the maximum number of tokens in a batch.
  ///   - maxQueueTokens: the maximum number of tokens that wait for a worker.
  ///   - observe: called after each batch.
  public init(
    model: EncoderModel, threads: Int, maxBatchTokens: Int, maxQueueTokens: Int,
    observe: @escaping BatchObserver = { _ in }
  ) {
    self.model = model
    self.observe = observe
    let limits = BatchScheduler.Limits(maxBatchTokens: maxBatchTokens, maxQueueTokens: maxQueueTokens)
    state = Mutex(State(scheduler: BatchScheduler(limits: limits)))
    threadCount = threads
    self.threads = NIOThreadPool(numberOfThreads: threads)
    self.threads.start()
    for _ in 0..<threads {
      workers.enter()
      self.threads.submit { [self] _ in work() }
    }
  }

  /// The number of tokens that wait for a worker.
  public var waitingTokens: Int { state.withLock(\.scheduler.waitingTokens) }

  /// Queues sequences for encoding.
  /// - Parameters:
  ///   - flow: the flow of the job in the queue.
  ///   - observer: informed about the job's progress.
  ///   - completion: called once, on a worker thread, unless this throws or the job is cancelled.
  /// - Throws: ``EncodingFailure`` if the queue is full or the runner is draining.
  public func submit(
    _ inputs: [EncoderInput], of flow: Flow = .server, observer: (any JobObserver)? = nil,
    completion: @escaping Completion
  ) throws(EncodingFailure) -> Ticket {
    try admit(inputs, of: flow, observer: observer) { completion(Self.checked($0)) }
  }

  private func admit(
    _ inputs: [EncoderInput], of flow: Flow, observer: (any JobObserver)?,
    completion: @escaping @Sendable ([[Float]]) -> Void
  ) throws(EncodingFailure) -> Ticket {
    let (admission, workersToWake) = state.withLock { state in
      let admission = state.scheduler.admit(tokens: inputs.map { $0.tokens.count }, flow: flow)
      guard case .admitted(let id) = admission else { return (admission, 0) }
      let empty = [[Float]](repeating: [], count: inputs.count)
      state.jobs[id] = Job(inputs: inputs, embeddings: empty, observer: observer, completion: completion)
      observer?.jobWasAdmitted(sequences: inputs.count)
      let woken = min(state.sleepingWorkers, inputs.count)
      state.sleepingWorkers -= woken
      return (admission, woken)
    }
    arrivals.add(1, ordering: .releasing)
    for _ in 0..<workersToWake { wakeUp.signal() }
    switch admission {
    case .admitted(let id): return Ticket(id: id, runner: self)
    case .queueFull(let own, let waiting):
      let limit = state.withLock { $0.scheduler.limits.maxQueueTokens }
      throw .queueFull(flowTokens: own, waitingTokens: waiting, limit: limit)
    case .draining: throw .draining
    }
  }

  /// Embeds sequences and waits for the result.
  public func encode(_ inputs: [EncoderInput]) async throws -> [[Float]] {
    try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try submit(inputs) { continuation.resume(with: $0) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  /// Embeds sequences, each independently of the others, and waits for the result.
  /// - Returns: the embeddings; nil for a sequence for which the encoder returns values that are not finite.
  public func encodeEach(_ inputs: [EncoderInput]) async throws -> [[Float]?] {
    try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try admit(inputs, of: .server, observer: nil) { embeddings in
          continuation.resume(returning: embeddings.map { Vector.isFinite($0) ? $0 : nil })
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  /// Finishes all admitted jobs, then ends the threads.
  public func shutdown() async throws {
    state.withLock { state in
      state.scheduler.drain()
      state.isStopping = true
      state.sleepingWorkers = 0
    }
    for _ in 0..<threadCount { wakeUp.signal() }
    await withCheckedContinuation { continuation in workers.notify(queue: .global()) { continuation.resume() } }
    try await threads.shutdownGracefully()
  }

  private func cancel(_ id: BatchScheduler.JobID) {
    state.withLock { state in
      if state.scheduler.cancel(id) { state.jobs[id] = nil }
    }
  }

  private enum Step {
    case run(Work)
    case help(SharedPass)
    case wait
    case stop
  }

  private func work() {
    defer { workers.leave() }
    let scratch = Scratch()
    let urgentScratch = Scratch()
    while true {
      let arrivals = arrivalCount
      switch nextStep() {
      case .run(let work):
        let crew = WorkerCrew(runner: self, batch: work.batch, seenArrivals: arrivals, urgentScratch: urgentScratch)
        let embeddings = encode(work, scratch, crew)
        state.withLock { $0.busyWorkers -= 1 }
        finish(work.batch, embeddings)
      case .help(let pass):
        pass.help(scratch)
        state.withLock { $0.busyWorkers -= 1 }
      case .wait:
        wakeUp.wait()
      case .stop:
        return
      }
    }
  }

  private func nextStep() -> Step {
    state.withLock { state in
      let otherIdleWorkers = threadCount - state.busyWorkers - 1
      guard let batch = state.scheduler.nextBatch(idleWorkers: otherIdleWorkers) else {
        if let pass = state.openPasses.last {
          state.busyWorkers += 1
          return .help(pass)
        }
        if state.isStopping { return .stop }
        state.sleepingWorkers += 1
        return .wait
      }
      state.busyWorkers += 1
      return .run(state.work(batch))
    }
  }

  private func encode(_ work: Work, _ scratch: Scratch, _ crew: WorkerCrew?) -> [[Float]] {
    for observer in work.observers { observer.jobBegan(at: work.start) }
    let embeddings = model.encode(work.inputs, scratch: scratch, crew: crew)
    observe(work.report(encodedAt: .now()))
    return embeddings
  }

  /// Runs the batches that are due before the batch that runs on this thread ends.
  fileprivate func runUrgentBatches(during batch: BatchScheduler.Batch, scratch: Scratch) {
    while let urgent = nextUrgentWork(during: batch) { finish(urgent.batch, encode(urgent, scratch, nil)) }
  }

  private func nextUrgentWork(during batch: BatchScheduler.Batch) -> Work? {
    state.withLock { state in state.scheduler.nextUrgentBatch(during: batch).map { state.work($0) } }
  }

  fileprivate var arrivalCount: Int { arrivals.load(ordering: .acquiring) }

  private func finish(_ batch: BatchScheduler.Batch, _ embeddings: [[Float]]) {
    let complete = state.withLock { state in
      var complete: [Job] = []
      var offset = 0
      for slice in batch.slices {
        let part = embeddings[offset..<offset + slice.sequences.count]
        offset += slice.sequences.count
        state.jobs[slice.job]?.embeddings.replaceSubrange(slice.sequences, with: part)
        if state.scheduler.finish(slice), let job = state.jobs.removeValue(forKey: slice.job) {
          complete.append(job)
        }
      }
      return complete
    }
    for job in complete { job.completion(job.embeddings) }
  }

  private static func checked(_ embeddings: [[Float]]) -> Result<[[Float]], EncodingFailure> {
    if let bad = embeddings.firstIndex(where: { !Vector.isFinite($0) }) { return .failure(.notFinite(sequence: bad)) }
    return .success(embeddings)
  }
}

/// Workers that find the queue empty help busy workers.
extension BatchRunner {
  fileprivate var idleHelpers: Int { state.withLock { threadCount - $0.busyWorkers } }

  fileprivate func offer(_ pass: SharedPass) {
    let workersToWake = state.withLock { state in
      state.openPasses.append(pass)
      defer { state.sleepingWorkers = 0 }
      return state.sleepingWorkers
    }
    for _ in 0..<workersToWake { wakeUp.signal() }
  }

  fileprivate func withdraw(_ pass: SharedPass) {
    state.withLock { $0.openPasses.removeAll { $0 === pass } }
  }
}

/// The other workers, as a worker's pass sees them during a batch.
private final class WorkerCrew: PassCrew {
  private let runner: BatchRunner
  private let batch: BatchScheduler.Batch
  private let urgentScratch: Scratch
  /// The value of `arrivals` at the last search for urgent jobs.
  private var seenArrivals: Int

  init(runner: BatchRunner, batch: BatchScheduler.Batch, seenArrivals: Int, urgentScratch: Scratch) {
    self.runner = runner
    self.batch = batch
    self.seenArrivals = seenArrivals
    self.urgentScratch = urgentScratch
  }

  var idleHelpers: Int { runner.idleHelpers }

  func offer(_ pass: SharedPass) { runner.offer(pass) }

  func withdraw(_ pass: SharedPass) { runner.withdraw(pass) }

  func betweenItems() {
    let arrivals = runner.arrivalCount
    guard arrivals != seenArrivals else { return }
    seenArrivals = arrivals
    runner.runUrgentBatches(during: batch, scratch: urgentScratch)
  }
}
