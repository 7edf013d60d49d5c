import DequeModule
import Synchronization

/// Bytes of request messages that the whole server holds at once, from their arrival until the request is in the queue.
///
/// While the budget is spent, clients' windows stay shut. One message is always let on: the oldest that is not
/// complete, so that messages that hold the budget between them cannot all wait for each other. The budget is thus
/// passed by one message and the windows that were open already, and by no more.
public final class ReceiveBudget: Sendable {
  /// What one message holds of the budget; given back by ``release()`` or with the last reference.
  final class Share: Sendable {
    private let id: UInt64
    private let budget: ReceiveBudget

    fileprivate init(id: UInt64, budget: ReceiveBudget) {
      self.id = id
      self.budget = budget
    }

    deinit { release() }

    /// Counts bytes that have arrived.
    func received(_ bytes: Int) { budget.received(bytes, by: id) }

    /// Whether the client's window may open for more; where not, `resume` is called once when it may.
    func mayReceiveMore(orElse resume: @escaping @Sendable () -> Void) -> Bool {
      budget.mayReceiveMore(id, orElse: resume)
    }

    /// The message needs no more bytes than these of what was counted.
    func isComplete(bytes: Int) { budget.isComplete(id, bytes: bytes) }

    /// The message's bytes are gone. What waits to resume is forgotten.
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
    /// Messages that are not complete, oldest first; those that have gone are passed over.
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

  /// Changes the state, then lets on whoever may go on. What is removed is freed outside of the lock, as it may hold
  /// the last reference to another share.
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
