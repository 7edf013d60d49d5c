import Synchronization

/// The budget for reply bytes that the whole server holds at once: the replies of requests, from before their encoding,
/// and replies that wait for clients to read them.
public final class SendBudget: Sendable {
  /// One request's room for its reply, returned by ``release()`` or with the last reference.
  final class Reservation: Sendable {
    private let budget: SendBudget
    /// nil after the release.
    private let bytes = Mutex<Int?>(0)

    fileprivate init(budget: SendBudget) {
      self.budget = budget
    }

    deinit { release() }

    /// Reserves `count` bytes, unless they are already reserved.
    /// - Returns: whether there is room. A released reservation needs none.
    func reserve(_ count: Int) -> Bool {
      bytes.withLock { bytes in
        guard bytes == 0 else { return true }
        guard budget.take(count) else { return false }
        bytes = count
        return true
      }
    }

    func release() {
      let held = bytes.withLock { $0.take() }
      if let held, held > 0 { budget.release(held) }
    }
  }

  private struct State {
    var used = 0
    /// Whether a reservation was refused and its owner has not been notified of room since.
    var hasRefused = false
    var onRoom: (@Sendable () -> Void)?
  }

  public let limit: Int
  private let state = Mutex(State())

  public init(bytes: Int) {
    limit = bytes
  }

  /// Reserved bytes, and bytes of replies that clients have not read.
  public var usedBytes: Int { state.withLock(\.used) }

  /// Sets the action to call, on any thread, when bytes are returned after a refusal.
  public func onRoom(_ action: @escaping @Sendable () -> Void) {
    state.withLock { $0.onRoom = action }
  }

  func reservation() -> Reservation { Reservation(budget: self) }

  /// Counts a finished reply, whether or not there is room.
  func count(_ bytes: Int) {
    state.withLock { $0.used += bytes }
  }

  func release(_ bytes: Int) {
    let onRoom = state.withLock { state in
      state.used -= bytes
      guard state.hasRefused else { return nil as (@Sendable () -> Void)? }
      state.hasRefused = false
      return state.onRoom
    }
    onRoom?()
  }

  /// A request larger than the whole budget is let in alone.
  private func take(_ bytes: Int) -> Bool {
    state.withLock { state in
      guard state.used == 0 || state.used + bytes <= limit else {
        state.hasRefused = true
        return false
      }
      state.used += bytes
      return true
    }
  }
}
