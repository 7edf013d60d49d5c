import DequeModule
import Synchronization

/// The budget for request bytes that the whole server holds at once, from their arrival until the request is in the
/// queue.
///
/// While the budget is used up, clients' windows stay closed. One message may always continue: the oldest incomplete
/// one. Messages that hold the budget therefore never all wait for each other. Only this message, and windows that were
/// already open, can exceed the budget.
public final class ReceiveBudget: Sendable {
  /// One message's share of the budget, returned by ``release()`` or with the last reference.
  final class Share: Sendable {
    private let id: UInt64
    private let budget: ReceiveBudget

    fileprivate init(id: UInt64, budget: ReceiveBudget) {
      self.id = id
      self.budget = budget
    }

    deinit { release() }

    /// Counts received bytes.
    func received(_ bytes: Int) { budget.received(bytes, by: id) }

    /// Whether the client's window may open for more. If not, `resume` is called once when it may.
    func mayReceiveMore(orElse resume: @escaping @Sendable () -> Void) -> Bool {
      budget.mayReceiveMore(id, orElse: resume)
    }

    /// The message is complete: it needs only `bytes` of the counted bytes.
    func isComplete(bytes: Int) { budget.isComplete(id, bytes: bytes) }

    /// Returns the message's bytes to the budget, and forgets a waiting `resume`.
    func release() { budget.release(id) }
  }

  private struct Entry {
    var bytes = 0
    var isComplete = false
    var resume: (@Sendable () -> Void)?
  }

  private struct State {
    var used = 0
    var lastID: UInt64 = 0
    var entries: [UInt64: Entry] = [:]
    /// Incomplete messages, oldest first; released ones are skipped.
    var incomplete: Deque<UInt64> = []
    var waiting = 0
  }

  private let limit: Int
  private let state = Mutex(State())

  public init(bytes: Int) {
    limit = bytes
  }

  /// Bytes that are held.
  var usedBytes: Int { state.withLock(\.used) }

  /// Begins a message.
  func share() -> Share {
    let id = state.withLock { state in
      state.lastID += 1
      state.entries[state.lastID] = Entry()
      state.incomplete.append(state.lastID)
      return state.lastID
    }
    return Share(id: id, budget: self)
  }

  private func received(_ bytes: Int, by id: UInt64) {
    state.withLock { state in
      guard state.entries[id] != nil else { return }
      state.entries[id]?.bytes += bytes
      state.used += bytes
    }
  }

  private func mayReceiveMore(_ id: UInt64, orElse resume: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      guard state.entries[id] != nil else { return false }
      if state.used <= limit || Self.oldestIncomplete(&state) == id { return true }
      state.entries[id]?.resume = resume
      state.waiting += 1
      return false
    }
  }

  private func isComplete(_ id: UInt64, bytes: Int) {
    update { state in
      guard let counted = state.entries[id]?.bytes else { return nil }
      state.entries[id]?.isComplete = true
      state.entries[id]?.bytes = bytes
      state.used += bytes - counted
      return nil
    }
  }

  private func release(_ id: UInt64) {
    update { state in
      guard let entry = state.entries.removeValue(forKey: id) else { return nil }
      state.used -= entry.bytes
      if entry.resume != nil { state.waiting -= 1 }
      return entry
    }
  }

  /// Changes the state, then resumes messages that may continue. Removed entries are freed outside the lock, because
  /// they may hold the last reference to another share.
  private func update(_ change: (inout sending State) -> Entry?) {
    let (removed, resumed) = state.withLock { state -> (Entry?, [@Sendable () -> Void]) in
      let removed = change(&state)
      return (removed, takeResumable(&state))
    }
    for resume in resumed { resume() }
    withExtendedLifetime(removed) {}
  }

  private func takeResumable(_ state: inout State) -> [@Sendable () -> Void] {
    guard state.waiting > 0 else { return [] }
    let oldest = Self.oldestIncomplete(&state)
    let candidates = state.used <= limit ? Array(state.incomplete) : [oldest].compactMap(\.self)
    var resumed: [@Sendable () -> Void] = []
    for id in candidates {
      guard let resume = state.entries[id]?.resume.take() else { continue }
      state.waiting -= 1
      resumed.append(resume)
    }
    return resumed
  }

  private static func oldestIncomplete(_ state: inout State) -> UInt64? {
    while let first = state.incomplete.first {
      if let entry = state.entries[first], !entry.isComplete { return first }
      state.incomplete.removeFirst()
    }
    return nil
  }
}
