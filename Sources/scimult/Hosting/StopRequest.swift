import Synchronization

/// The wish that a part of the server ends: made once, and waited for.
final class StopRequest: Sendable {
  private let made = Atomic(false)
  /// Ends when the wish is made.
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

  /// Returns when the wish has been made, or the task is cancelled. For one task at a time.
  func wasMade() async {
    for await _ in wait {}
  }

  /// Runs an operation that is cancelled when the wish is made.
  func cancelling(_ operation: @escaping @Sendable () async throws -> Void) async {
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try? await operation() }
      tasks.addTask { await self.wasMade() }
      await tasks.next()
      tasks.cancelAll()
    }
  }
}
