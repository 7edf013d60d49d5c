import Synchronization

/// A request that a part of the server stops. It is made once, and can be awaited.
final class StopRequest: Sendable {
  private let made = Atomic(false)
  /// Ends when the request is made.
  private let wait: AsyncStream<Never>
  private let end: AsyncStream<Never>.Continuation

  init() {
    (wait, end) = AsyncStream.makeStream()
  }

  var isMade: Bool { made.load(ordering: .acquiring) }

  func make() {
    made.store(true, ordering: .releasing)
    end.finish()
  }

  /// Returns when the request is made, or the task is cancelled. Only one task at a time may call it.
  func wasMade() async {
    for await _ in wait {}
  }

  /// Runs an operation, and cancels it when the request is made.
  func cancelling(_ operation: @escaping @Sendable () async throws -> Void) async {
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try? await operation() }
      tasks.addTask { await self.wasMade() }
      await tasks.next()
      tasks.cancelAll()
    }
  }
}
