import DequeModule
import HeapModule

/// Decides which sequences run next: a state machine of values, without threads, locks or clocks.
///
/// A job is the sequences of one request; a batch takes sequences of as many jobs as fit, so a large job runs in slices and
/// small ones share a batch whatever their tasks are. Within a flow, first in is first out. Between flows, service is fair
/// in tokens: start-time fair queueing (Goyal, Vin, Cheng, 1996), in quanta. A flow's start is the virtual time at which
/// its next sequence is due, and the flow with the least one is served; a flow that had nothing waiting starts at the
/// time of service, so that nobody saves up claims. A flow with little to do does not ride with one that has much: its
/// answer would wait for the end of a long batch.
struct BatchScheduler {
  struct Limits: Sendable {
    /// Tokens of one batch; a single sequence may be longer.
    var maxBatchTokens: Int
    /// Tokens that may wait; a larger job is admitted alone, when nothing waits.
    var maxQueueTokens: Int
    /// Of the tokens that may wait still, a flow may have up to so many times as many waiting itself. So there is room
    /// left for others, the less of it the more flows ask for much: Choudhury and Hahne, "Dynamic queue length thresholds
    /// for shared-memory packet switches", 1998. A flow that has nothing waiting may take all the room there is.
    static let flowShare = 3
  }

  typealias JobID = UInt64

  /// Sequences of one job, by their places in it.
  struct Slice: Equatable {
    let job: JobID
    var sequences: Range<Int>
  }

  /// What runs together.
  struct Batch: Equatable {
    fileprivate(set) var slices: [Slice] = []
    /// Of flows with little to do.
    fileprivate var isShort = false
    /// The virtual time by which the flows that it serves have been served.
    fileprivate var end: UInt64 = 0
  }

  enum Admission: Equatable {
    case admitted(JobID)
    /// Nothing was taken; so many tokens wait already, of the flow and in all.
    case queueFull(flowTokens: Int, waitingTokens: Int)
    case draining
  }

  private struct Job {
    let flow: Flow
    /// Tokens of each sequence.
    let tokens: [Int]
    var next = 0
    var running = 0
    var isCancelled = false
  }

  /// A flow's place in the order of service.
  private struct Turn: Comparable {
    let start: UInt64
    /// Tells turns of the same start apart: who came first goes first.
    let number: UInt64
    let flow: Flow

    static func < (a: Turn, b: Turn) -> Bool { (a.start, a.number) < (b.start, b.number) }
  }

  /// A flow's jobs with sequences that have not run yet, oldest first; cancelled ones are passed over.
  private struct Line {
    var jobs: Deque<JobID> = []
    var waitingTokens = 0

    var isShort: Bool { waitingTokens <= BatchScheduler.urgentTokens }
  }

  let limits: Limits
  private var jobs: [JobID: Job] = [:]
  /// A flow is here as long as it has a turn.
  private var lines: [Flow: Line] = [:]
  /// The order of service within a priority; the two are merged by their first turns.
  private var turns: [Priority: Heap<Turn>] = [:]
  private var virtualTime: UInt64 = 0
  private var lastID: JobID = 0
  private(set) var waitingTokens = 0
  private(set) var isDraining = false

  init(limits: Limits) {
    precondition(limits.maxBatchTokens > 0 && limits.maxQueueTokens > 0)
    self.limits = limits
  }

  /// Jobs that have not been answered.
  var openJobs: Int { jobs.count }

  /// Takes a job in, unless the queue is full, or the flow's share of it.
  /// - Parameter tokens: the tokens of each sequence; at least one sequence.
  mutating func admit(tokens: [Int], flow: Flow) -> Admission {
    precondition(!tokens.isEmpty)
    guard !isDraining else { return .draining }
    let total = tokens.reduce(0, +)
    let flowTokens = lines[flow]?.waitingTokens ?? 0
    guard mayWait(total, flowTokens) else {
      return .queueFull(flowTokens: flowTokens, waitingTokens: waitingTokens)
    }
    lastID += 1
    jobs[lastID] = Job(flow: flow, tokens: tokens)
    if lines[flow] == nil { insert(Turn(start: virtualTime, number: lastID, flow: flow)) }
    lines[flow, default: Line()].jobs.append(lastID)
    lines[flow]?.waitingTokens += total
    waitingTokens += total
    return .admitted(lastID)
  }

  /// - Parameter flowTokens: tokens of the same flow that wait already.
  private func mayWait(_ tokens: Int, _ flowTokens: Int) -> Bool {
    guard waitingTokens > 0 else { return true }
    let room = limits.maxQueueTokens - waitingTokens
    let share = (flowTokens + tokens + Limits.flowShare - 1) / Limits.flowShare
    return tokens <= room && (flowTokens == 0 || share <= room)
  }

  /// Forgets a job: what has not run never runs, and what runs is not answered.
  /// - Returns: whether the job was open.
  mutating func cancel(_ id: JobID) -> Bool {
    guard var job = jobs[id], !job.isCancelled else { return false }
    let dropped = job.tokens[job.next...].reduce(0, +)
    waitingTokens -= dropped
    lines[job.flow]?.waitingTokens -= dropped
    job.next = job.tokens.count
    job.isCancelled = true
    jobs[id] = job.running > 0 ? job : nil
    while let last = lines[job.flow]?.jobs.last, !hasMore(last) { lines[job.flow]?.jobs.removeLast() }
    return true
  }

  /// Takes the next batch out of the queue.
  /// - Parameter idleWorkers: other workers that wait; what is queued is shared with them in equal parts.
  /// - Returns: nil when nothing waits.
  mutating func nextBatch(idleWorkers: Int) -> Batch? {
    let share = (waitingTokens + idleWorkers) / (idleWorkers + 1)
    return takeBatch(tokens: min(limits.maxBatchTokens, max(share, Self.minSharedTokens)))
  }

  /// Takes what is due before the end of a batch that runs, if it is short: it may run in between. A batch that is short
  /// itself goes on: it is over soon, and those that it answers, who are many, would all wait for one.
  /// - Returns: nil when nothing is.
  mutating func nextUrgentBatch(during batch: Batch) -> Batch? {
    guard !batch.isShort else { return nil }
    return takeBatch(
      tokens: min(limits.maxBatchTokens, Self.urgentTokens), among: [.interactive], dueBefore: batch.end)
  }

  /// Serves flows in turn until the batch is full, nothing is due, or it is the turn of one that does not ride with them.
  private mutating func takeBatch(
    tokens maxTokens: Int, among priorities: [Priority] = Priority.allCases, dueBefore end: UInt64 = .max
  ) -> Batch? {
    var batch = Batch()
    var taken = 0
    var budget = maxTokens
    var riders: Set<Flow> = []
    while taken < budget, let turn = priorities.compactMap({ nextTurn(of: $0) }).min(), turn.start < end {
      let isShortTurn = lines[turn.flow]!.isShort
      if riders.isEmpty, isShortTurn {
        batch.isShort = true
        budget = min(budget, Self.shortBatchTokens)
      }
      guard isShortTurn == batch.isShort || riders.contains(turn.flow) else { break }
      riders.insert(turn.flow)
      let room = taken == 0 ? Int.max : budget - taken
      let served = serve(turn.flow, tokens: min(Self.quantumTokens, budget - taken), room: room, into: &batch)
      guard served > 0 else { break }
      // Who comes while a batch runs is as far as those that it began with.
      if taken == 0 { virtualTime = max(virtualTime, turn.start) }
      taken += served
      turns[turn.flow.priority]?.removeMin()
      let start = turn.start + UInt64(served) * turn.flow.priority.cost
      insert(Turn(start: start, number: turn.number, flow: turn.flow))
      batch.end = max(batch.end, start)
    }
    waitingTokens -= taken
    return taken > 0 ? batch : nil
  }

  private mutating func insert(_ turn: Turn) {
    turns[turn.flow.priority, default: Heap()].insert(turn)
  }

  /// The turn of the flow that is due among those of a priority; flows with nothing left lose theirs.
  private mutating func nextTurn(of priority: Priority) -> Turn? {
    while let turn = turns[priority]?.min {
      while let id = lines[turn.flow]?.jobs.first, !hasMore(id) { lines[turn.flow]?.jobs.removeFirst() }
      if lines[turn.flow]?.jobs.isEmpty == false { return turn }
      lines[turn.flow] = nil
      turns[priority]?.removeMin()
    }
    return nil
  }

  /// Whether a job has sequences that wait.
  private func hasMore(_ id: JobID) -> Bool {
    jobs[id].map { $0.next < $0.tokens.count } ?? false
  }

  /// Takes sequences of a flow that has some.
  /// - Parameter room: tokens that the first one may have, though it be longer than the quantum.
  /// - Returns: their tokens.
  private mutating func serve(_ flow: Flow, tokens quantum: Int, room: Int, into batch: inout Batch) -> Int {
    var served = 0
    while let id = lines[flow]?.jobs.first {
      guard var job = jobs[id], job.next < job.tokens.count else {
        lines[flow]?.jobs.removeFirst()
        continue
      }
      let start = job.next
      while job.next < job.tokens.count,
        served + job.tokens[job.next] <= quantum || (served == 0 && job.tokens[job.next] <= room)
      {
        served += job.tokens[job.next]
        job.next += 1
      }
      guard job.next > start else { break }
      job.running += job.next - start
      jobs[id] = job
      batch.add(Slice(job: id, sequences: start..<job.next))
      if job.next < job.tokens.count { break }
    }
    lines[flow]?.waitingTokens -= served
    return served
  }

  /// Notes that a slice has run.
  /// - Returns: whether its job is complete and must be answered.
  mutating func finish(_ slice: Slice) -> Bool {
    guard var job = jobs[slice.job] else { preconditionFailure("a slice of an unknown job has run") }
    job.running -= slice.sequences.count
    precondition(job.running >= 0)
    let isComplete = job.running == 0 && job.next == job.tokens.count
    jobs[slice.job] = isComplete ? nil : job
    return isComplete && !job.isCancelled
  }

  /// Admits no more; what was admitted still runs.
  mutating func drain() {
    isDraining = true
  }

  /// Fewer tokens are not worth sharing: the matrix multiplications would lose more than the second worker gains.
  private static let minSharedTokens = 256
  /// Tokens that a flow is served at a time.
  private static let quantumTokens = 512
  /// Tokens that may run in between: some milliseconds of the batch that waits for them.
  private static let urgentTokens = 512
  /// Tokens of a batch of flows with little to do: as many as the encoder needs for its full speed, and no more, as who
  /// comes late waits for its end.
  static let shortBatchTokens = 1_024
}

extension BatchScheduler.Batch {
  /// Adds a slice, to the last one where it continues that.
  fileprivate mutating func add(_ slice: BatchScheduler.Slice) {
    if let last = slices.last, last.job == slice.job, last.sequences.upperBound == slice.sequences.lowerBound {
      slices[slices.count - 1].sequences = last.sequences.lowerBound..<slice.sequences.upperBound
    } else {
      slices.append(slice)
    }
  }
}
