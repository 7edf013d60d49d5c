import DequeModule

/// Decides which streams may begin new work on a connection whose client does not read its replies fast enough.
///
/// While too much data waits for the client, streams queue up. After the client has read enough, they take turns, one
/// at a time. The next stream may begin when the reply of the last one is ready and counted, so that unfinished replies
/// cannot exceed the limit together. If no stream waits, there are no turns, and all streams begin at once.
struct Turns {
  private enum State: Equatable {
    case free
    /// The stream was notified, and has not begun yet.
    case offered(Int32)
    /// The stream has begun, and its reply is not ready yet.
    case taken(Int32)
  }

  private var state = State.free
  private var waiting: Deque<Int32> = []

  /// Asks for permission to begin one piece of work. A stream without permission waits, and is notified when it is its
  /// turn.
  mutating func mayBegin(_ stream: Int32, isBackedUp: Bool) -> Bool {
    if state == .offered(stream) {
      state = .taken(stream)
      return true
    }
    guard isBackedUp || state != .free || !waiting.isEmpty else { return true }
    if !waiting.contains(stream) { waiting.append(stream) }
    return false
  }

  /// The stream's work is done, or it has none to begin.
  mutating func end(_ stream: Int32) {
    if state == .offered(stream) || state == .taken(stream) { state = .free }
  }

  /// The stream is over.
  mutating func close(_ stream: Int32) {
    end(stream)
    waiting.removeAll { $0 == stream }
  }

  /// The stream to notify that it may begin; nil if there is none.
  mutating func next(isBackedUp: Bool) -> Int32? {
    guard state == .free, !isBackedUp, let stream = waiting.popFirst() else { return nil }
    state = .offered(stream)
    return stream
  }
}
