import Synchronization

/// Tells work on any thread that its result is no longer needed.
public final class Cancellation: Sendable {
  private enum State {
    case active(onCancel: (@Sendable () -> Void)?)
    case cancelled
  }

  private let state = Mutex(State.active(onCancel: nil))

  public init() {}

  public var isCancelled: Bool {
    state.withLock { state in
      if case .cancelled = state { return true }
      return false
    }
  }

  /// Sets the action on cancellation and replaces any previous one; runs it at once if already cancelled.
  public func onCancel(_ action: @escaping @Sendable () -> Void) {
    let isCancelled = state.withLock { state in
      if case .cancelled = state { return true }
      state = .active(onCancel: action)
      return false
    }
    if isCancelled { action() }
  }

  /// Cancels; a second call does nothing.
  public func cancel() {
    let action = state.withLock { state -> (@Sendable () -> Void)? in
      guard case .active(let onCancel) = state else { return nil }
      state = .cancelled
      return onCancel
    }
    action?()
  }
}
