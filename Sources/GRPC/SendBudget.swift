import Synchronization

/// Bytes of replies that the whole server holds at once: what requests will be answered with, from before they are
/// encoded, and what waits for clients to read it.
public final class SendBudget: Sendable {
  /// What one request will need for its reply; given back by ``release()`` or with the last reference.
  final class Reservation: Sendable {
    private let budget: SendBudget
    /// nil once released.
    private let bytes = Mutex<Int?>(0)

    fileprivate init(budget: SendBudget) {
      self.budget = budget
    }

    deinit { release() }

    /// Takes so many bytes, unless it has them already.
    /// - Returns: whether there is room. What is released needs none.
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
    /// Somebody was refused and has not been told of room.
    var hasRefused = false
    var onRoom: (@Sendable () -> Void)?
  }

  public let limit: Int
  private let state = Mutex(State())

  public init(bytes: Int) {
    limit = bytes
  }

  /// Bytes that are reserved, and of replies that clients have not read.
  public var usedBytes: Int { state.withLock(\.used) }

  /// Sets what is called when bytes are given back after there was no room, on any thread.
  public func onRoom(_ action: @escaping @Sendable () -> Void) {
    state.withLock { $0.onRoom = action }
  }

  func reservation() -> Reservation { Reservation(budget: self) }

  /// Counts a reply that is there, whether or not there is room.
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

  /// What could never find room is let in alone.
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
