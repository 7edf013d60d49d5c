import NIOCore

/// How a connection ends without losing a request.
///
/// First a GOAWAY that refuses nothing, with a ping behind it; when the ping is answered the client has heard of it,
/// and all that it opened before is known. Then a GOAWAY with the last stream served. A client that does not answer
/// is given ``patience``.
struct Drain {
  /// Fired through a connection's pipeline to begin.
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

  /// - Returns: whether to refuse new streams from here on.
  mutating func finish() -> Bool {
    guard state == .announced else { return false }
    state = .refusing
    return true
  }
}
