import NIOCore

/// Ends a connection without losing a request.
///
/// The server first sends a GOAWAY that refuses nothing, followed by a ping. When the client answers the ping, it has
/// received the GOAWAY, and the server knows all streams that the client opened before. The server then sends a GOAWAY
/// with the last stream that it serves. For a client that does not answer, the server waits for ``patience``.
struct Drain {
  /// Fired through a connection's pipeline to begin the drain.
  struct Begin: Sendable {}

  static let patience: TimeAmount = .seconds(1)

  private enum State {
    case serving, announced, refusing
  }

  private var state = State.serving

  /// - Returns: whether to announce the end.
  mutating func begin() -> Bool {
    guard state == .serving else { return false }
    state = .announced
    return true
  }

  /// - Returns: whether to refuse new streams from now on.
  mutating func finish() -> Bool {
    guard state == .announced else { return false }
    state = .refusing
    return true
  }
}
