import DequeModule

/// Decides which sequences run next: a state machine of values, without threads, locks or clocks.
///
/// First in, first out. A job is the sequences of one request; a batch takes sequences of as many jobs as fit, so a
/// large job runs in slices and small ones share a batch whatever their tasks are.
struct BatchScheduler {
  struct Limits: Sendable {
    /// Tokens of one batch; a single sequence may be longer.
    var maxBatchTokens: Int
    /// Tokens that may wait; a larger job is admitted alone, when nothing waits.
    var maxQueueTokens: Int
  }

  typealias JobID = UInt64

  /// Sequences of one job, by their places in it.
  struct Slice: Equatable {
    let job: JobID
    let sequences: Range<Int>
  }

  enum Admission: Equatable {
    case admitted(JobID)
    /// Nothing was taken; so many tokens wait already.
    case queueFull(waitingTokens: Int)
    case draining
  }

  private struct Job {
    /// Tokens of each sequence.
    let tokens: [Int]
    var next = 0
    var running = 0
    var isCancelled = false
  }

  let limits: Limits
  private var jobs: [JobID: Job] = [:]
  /// Jobs with sequences that have not run yet, oldest first; cancelled ones are passed over.
  private var queue: Deque<JobID> = []
  private var lastID: JobID = 0
  private(set) var waitingTokens = 0
  private(set) var isDraining = false

  init(limits: Limits) {
    precondition(limits.maxBatchTokens > 0 && limits.maxQueueTokens > 0)
    self.limits = limits
  }

  /// Jobs that have not been answered.
  var openJobs: Int { jobs.count }

  /// Takes a job in, unless the queue is full.
  /// - Parameter tokens: the tokens of each sequence; at least one sequence.
  mutating func admit(tokens: [Int]) -> Admission {
    precondition(!tokens.isEmpty)
    guard !isDraining else { return .draining }
    let total = tokens.reduce(0, +)
    guard waitingTokens == 0 || waitingTokens + total <= limits.maxQueueTokens else {
      return .queueFull(waitingTokens: waitingTokens)
    }
    lastID += 1
    jobs[lastID] = Job(tokens: tokens)
    queue.append(lastID)
    waitingTokens += total
    return .admitted(lastID)
  }

  /// Forgets a job: what has not run never runs, and what runs is not answered.
  /// - Returns: whether the job was open.
  mutating func cancel(_ id: JobID) -> Bool {
    guard var job = jobs[id], !job.isCancelled else { return false }
    waitingTokens -= job.tokens[job.next...].reduce(0, +)
    job.next = job.tokens.count
    job.isCancelled = true
    jobs[id] = job.running > 0 ? job : nil
    return true
  }

  /// Takes the next batch out of the queue.
  /// - Parameter idleWorkers: other workers that wait; what is queued is shared with them in equal parts.
  /// - Returns: nil when nothing waits.
  mutating func nextBatch(idleWorkers: Int) -> [Slice]? {
    guard waitingTokens > 0 else {
      queue.removeAll()
      return nil
    }
    let share = (waitingTokens + idleWorkers) / (idleWorkers + 1)
    let budget = min(limits.maxBatchTokens, max(share, Self.minSharedTokens))
    var slices: [Slice] = []
    var taken = 0
    while let id = queue.first {
      guard var job = jobs[id], job.next < job.tokens.count else {
        queue.removeFirst()
        continue
      }
      let start = job.next
      while job.next < job.tokens.count, taken == 0 || taken + job.tokens[job.next] <= budget {
        taken += job.tokens[job.next]
        job.next += 1
      }
      guard job.next > start else { break }
      job.running += job.next - start
      jobs[id] = job
      slices.append(Slice(job: id, sequences: start..<job.next))
      if job.next < job.tokens.count { break }
      queue.removeFirst()
    }
    waitingTokens -= taken
    return slices
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
}
