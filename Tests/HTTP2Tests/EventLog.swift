import Synchronization

/// Events of a server's streams, for which a test can wait.
final class EventLog: Sendable {
  private let events = Mutex<[String]>([])

  func add(_ event: String) {
    events.withLock { $0.append(event) }
  }

  var all: [String] { events.withLock { $0 } }

  /// Waits until an event has occurred, at most ten seconds.
  func wait(for event: String) async throws -> Bool {
    for _ in 0..<2_000 where !all.contains(event) { try await Task.sleep(for: .milliseconds(5)) }
    return all.contains(event)
  }
}
