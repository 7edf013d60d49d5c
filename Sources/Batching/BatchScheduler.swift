import DequeModule
import HeapModule

/// Decides which sequences run next: a state machine of values, without threads, locks or clocks.
///
/// A job is the sequences of one request. A batch takes sequences from as many jobs as fit, so a large job runs in
/// slices, and small jobs share a batch whatever their tasks are. Within a flow, jobs run first in, first out. Between
/// flows, service is fair in tokens: start-time fair queueing (Goyal, Vin, Cheng, 1996), in quanta. A flow's start is
/// the virtual time at which its next sequence is due. The scheduler serves the flow with the lowest start. A flow that
/// had no work starts at the current virtual time, so an idle flow saves up no credit. The scheduler does not batch a
/// flow with little work together with one that has much, because the short answer would have to wait for the end of a
/// long batch.
struct BatchScheduler {
  struct Limits: Sendable {
    /// Maximum tokens of one batch; a single sequence may be longer.
    var maxBatchTokens: Int
    /// Maximum tokens in the queue; a larger job is admitted alone, when the queue is empty.
    var maxQueueTokens: Int
    /// A flow may have up to this many times as many waiting tokens as are free in the queue. This leaves room for
    /// other flows, less the more flows ask for much: Choudhury and Hahne, "Dynamic queue length thresholds for
    /// shared-memory packet switches", 1998. A flow without waiting tokens may take all free tokens.
    static let flowShare = 3
  }

  typealias JobID = UInt64

  /// Sequences of one job, by their positions in the job.
  struct Slice: Equatable {
    let job: JobID
    var sequences: Range<Int>
  }

  /// Sequences that run together.
  struct Batch: Equatable {
    fileprivate(set) var slices: [Slice] = []
    /// Whether the batch serves flows with little work.
    fileprivate var isShort = false
    /// The virtual time up to which the batch's flows have been served.
    fileprivate var end: UInt64 = 0
  }

  enum Admission: Equatable {
    case admitted(JobID)
    /// The queue did not admit the job. The values are the waiting tokens of the flow and of all flows.
    case queueFull(flowTokens: Int, waitingTokens: Int)
    case draining
  }

  private struct Job {
    let flow: Flow
    /// The number of tokens of each sequence.
    let tokens: [Int]
    var next = 0
    var running = 0
    var isCancelled = false
  }

  /// A flow's place in the order of service.
  private struct Turn: Comparable {
    let start: UInt64
    /// Orders turns with the same start: first come, first served.
    let number: UInt64
    let flow: Flow

    static func < (a: Turn, b: Turn) -> Bool { (a.start, a.number) < (b.start, b.number) }
  }

  /// A flow's jobs that have sequences in the queue, oldest first; cancelled jobs are skipped.
  private struct Line {
    var jobs: Deque<JobID> = []
    var waitingTokens = 0

    var isShort: Bool { waitingTokens <= BatchScheduler.urgentTokens }
  }

  let limits: Limits
  private var jobs: [JobID: Job] = [:]
  /// The flows that have a turn.
  private var lines: [Flow: Line] = [:]
  /// The order of service within each priority; the scheduler merges priorities by their first turns.
  private var turns: [Priority: Heap<Turn>] = [:]
  private var virtualTime: UInt64 = 0
  private var lastID: JobID = 0
  private(set) var waitingTokens = 0
  private(set) var isDraining = false

  init(limits: Limits) {
    precondition(limits.maxBatchTokens > 0 && limits.maxQueueTokens > 0)
    self.limits = limits
  }

  /// The number of unanswered jobs.
  var openJobs: Int { jobs.count }

  /// Admits a job, unless the queue or the flow's share of it is full.
  /// - Parameter tokens: the number of tokens of each sequence; at least one sequence.
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

  /// - Parameter flowTokens: tokens of the same flow that already wait.
  private func mayWait(_ tokens: Int, _ flowTokens: Int) -> Bool {
    guard waitingTokens > 0 else { return true }
    let room = limits.maxQueueTokens - waitingTokens
    let share = (flowTokens + tokens + Limits.flowShare - 1) / Limits.flowShare
    return tokens <= room && (flowTokens == 0 || share <= room)
  }

  /// Removes a job: its waiting sequences never run, and its running sequences are not answered.
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
  /// - Parameter idleWorkers: the number of other idle workers; the queue is divided equally among them.
  /// - Returns: nil when the queue is empty.
  mutating func nextBatch(idleWorkers: Int) -> Batch? {
    let share = (waitingTokens + idleWorkers) / (idleWorkers + 1)
    return takeBatch(tokens: min(limits.maxBatchTokens, max(share, Self.minSharedTokens)))
  }

  /// Takes a short batch that is due before the end of a running batch, to run in between. A running batch that is
  /// itself short is not interrupted: it ends soon, and its many jobs would all wait for one.
  /// - Returns: nil when nothing is due.
  mutating func nextUrgentBatch(during batch: Batch) -> Batch? {
    guard !batch.isShort else { return nil }
    return takeBatch(
      tokens: min(limits.maxBatchTokens, Self.urgentTokens), among: [.interactive], dueBefore: batch.end)
  }

  /// Serves flows in turn until the batch is full, nothing is due, or the next flow must not share this batch.
  private mutating func takeBatch(
    tokens maxTokens: Int, among priorities: [Priority] = Priority.allCases, dueBefore end: UInt64 = .max
  ) -> Batch? {
    var batch = Batch()
    var taken = 0
    var budget = maxTokens
    /// The flows that a long batch serves: with their last tokens they become short, and still belong to it.
    var riders: Set<Flow> = []
    while taken < budget, let turn = nextTurn(among: priorities), turn.start < end {
      let isShortTurn = lines[turn.flow]!.isShort
      if taken == 0, isShortTurn {
        batch.isShort = true
        budget = min(budget, Self.shortBatchTokens)
      }
      guard isShortTurn == batch.isShort || riders.contains(turn.flow) else { break }
      if !batch.isShort { riders.insert(turn.flow) }
      let room = taken == 0 ? Int.max : budget - taken
      let served = serve(turn.flow, tokens: min(Self.quantumTokens, budget - taken), room: room, into: &batch)
      guard served > 0 else { break }
      // A flow that arrives while a batch runs starts level with the flows in that batch.
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

  private mutating func nextTurn(among priorities: [Priority]) -> Turn? {
    var first: Turn?
    for priority in priorities {
      guard let turn = nextTurn(of: priority) else { continue }
      if first.map({ turn < $0 }) ?? true { first = turn }
    }
    return first
  }

  /// The next turn of a priority; flows without waiting sequences lose their turns.
  private mutating func nextTurn(of priority: Priority) -> Turn? {
    while let turn = turns[priority]?.min {
      while let id = lines[turn.flow]?.jobs.first, !hasMore(id) { lines[turn.flow]?.jobs.removeFirst() }
      if lines[turn.flow]?.jobs.isEmpty == false { return turn }
      lines[turn.flow] = nil
      turns[priority]?.removeMin()
    }
    return nil
  }

  /// Whether a job has waiting sequences.
  private func hasMore(_ id: JobID) -> Bool {
    jobs[id].map { $0.next < $0.tokens.count } ?? false
  }

  /// Adds sequences of a flow, which has at least one, to a batch.
  /// - Parameter room: tokens that the first sequence may have, even if it is longer than the quantum.
  /// - Returns: the number of tokens added.
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

  /// Records that a slice has run.
  /// - Returns: whether its job is complete and must be answered.
  mutating func finish(_ slice: Slice) -> Bool {
    guard var job = jobs[slice.job] else { preconditionFailure("a slice of an unknown job has run") }
    job.running -= slice.sequences.count
    precondition(job.running >= 0)
    let isComplete = job.running == 0 && job.next == job.tokens.count
    jobs[slice.job] = isComplete ? nil : job
    return isComplete && !job.isCancelled
  }

  /// Stops admitting jobs; admitted jobs still run.
  mutating func drain() {
    isDraining = true
  }

  /// Fewer tokens are not worth sharing: the matrix multiplications would lose more than the second worker gains.
  private static let minSharedTokens = 256
  /// Tokens that a flow is served at a time.
  private static let quantumTokens = 512
  /// Maximum tokens of a batch that runs in between: it delays the interrupted batch by some milliseconds.
  private static let urgentTokens = 512
  /// Maximum tokens of a batch of flows with little work: enough for the encoder's full speed, and no more, because a
  /// later request waits for the batch's end.
  static let shortBatchTokens = 1_024
}

extension BatchScheduler.Batch {
  /// Adds a slice, and merges it with the last one if it continues that one.
  fileprivate mutating func add(_ slice: BatchScheduler.Slice) {
    if let last = slices.last, last.job == slice.job, last.sequences.upperBound == slice.sequences.lowerBound {
      slices[slices.count - 1].sequences = last.sequences.lowerBound..<slice.sequences.upperBound
    } else {
      slices.append(slice)
    }
  }
}
