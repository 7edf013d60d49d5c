import DequeModule
import Synchronization

/// Requests of streams that found the queue full. They are tried again, in order, whenever other requests have been
/// answered.
final class Backlog: Sendable {
  /// Tries to queue a request; false if there is still no room.
  typealias Attempt = @Sendable () -> Bool

  private struct State {
    var attempts: Deque<Attempt> = []
    var isTrying = false
    /// Whether room may have appeared while another thread was trying.
    var mustTryAgain = false
  }

  private let state = Mutex(State())

  /// Tries at once, and later if there is no room.
  func add(_ attempt: @escaping Attempt) {
    state.withLock { $0.attempts.append(attempt) }
    retry()
  }

  /// Tries the oldest requests, until one finds no room.
  func retry() {
    while let attempt = next(), goesOn(after: attempt, isDone: attempt()) {}
  }

  private func next() -> Attempt? {
    state.withLock { state in
      guard !state.isTrying else {
        state.mustTryAgain = true
        return nil
      }
      guard let attempt = state.attempts.popFirst() else { return nil }
      state.isTrying = true
      state.mustTryAgain = false
      return attempt
    }
  }

  private func goesOn(after attempt: @escaping Attempt, isDone: Bool) -> Bool {
    state.withLock { state in
      state.isTrying = false
      if !isDone { state.attempts.prepend(attempt) }
      return isDone || state.mustTryAgain
    }
  }
}
