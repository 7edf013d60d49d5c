import NIOCore
import Synchronization

/// The open connections: counted against a limit, and notified when the server drains.
public final class ConnectionRegistry: Sendable {
  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var whenEmpty: EventLoopPromise<Void>?
  }

  private let limit: Int
  private let state = Mutex(State())

  public init(limit: Int) {
    self.limit = limit
  }

  public var all: [any Channel] { state.withLock { Array($0.channels.values) } }

  /// Counts a connection until it closes.
  /// - Returns: false if the limit is reached; then the connection is not counted.
  public func add(_ channel: any Channel) -> Bool {
    let id = ObjectIdentifier(channel)
    let isWithinLimit = state.withLock { state in
      guard state.channels.count < limit else { return false }
      state.channels[id] = channel
      return true
    }
    if isWithinLimit { channel.closeFuture.whenComplete { _ in self.remove(id) } }
    return isWithinLimit
  }

  /// A future that completes as soon as no connection is open.
  public func whenEmpty(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
    let promise = eventLoop.makePromise(of: Void.self)
    let isEmpty = state.withLock { state in
      if !state.channels.isEmpty { state.whenEmpty = promise }
      return state.channels.isEmpty
    }
    if isEmpty { promise.succeed() }
    return promise.futureResult
  }

  private func remove(_ id: ObjectIdentifier) {
    let promise = state.withLock { state in
      state.channels[id] = nil
      return state.channels.isEmpty ? state.whenEmpty.take() : nil
    }
    promise?.succeed()
  }
}
