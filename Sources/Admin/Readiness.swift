import Synchronization

/// Whether the server takes requests: what `/readyz` answers.
public final class Readiness: Sendable {
  private let state = Mutex(false)

  public init() {}

  public var isReady: Bool { state.withLock(\.self) }

  public func set(_ isReady: Bool) {
    state.withLock { $0 = isReady }
  }
}
