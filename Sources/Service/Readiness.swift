import Synchronization

/// Whether the server accepts requests: the answer of `/readyz` and health checks.
public final class Readiness: Sendable {
  public enum State: Sendable {
    case starting, serving, stopping
  }

  public typealias Observer = @Sendable (State) -> Void

  private struct Storage {
    var state = State.starting
    var observers: [UInt64: Observer] = [:]
    var lastID: UInt64 = 0
  }

  private let storage = Mutex(Storage())

  public init() {}

  public var isReady: Bool { storage.withLock { $0.state == .serving } }

  var state: State { storage.withLock(\.state) }

  public func set(_ state: State) {
    let observers = storage.withLock { storage in
      storage.state = state
      return Array(storage.observers.values)
    }
    for observer in observers { observer(state) }
  }

  /// Reports the current state and each change, until the returned action is called. The observer runs on the thread
  /// that makes the change.
  func observe(_ observer: @escaping Observer) -> @Sendable () -> Void {
    let (id, state) = storage.withLock { storage in
      storage.lastID += 1
      storage.observers[storage.lastID] = observer
      return (storage.lastID, storage.state)
    }
    observer(state)
    return { [self] in storage.withLock { $0.observers[id] = nil } }
  }
}
