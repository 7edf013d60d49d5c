import DequeModule

/// Who may begin new work on a connection whose client does not keep up with reading what it has asked for.
///
/// While too much waits for the client, streams queue up. When it has read enough they take turns, one at a time: the
/// next may begin when the last one's reply is there and counted, so that replies in the making cannot pass the limit
/// together. Where nobody waits there are no turns, and all begin at once.
struct Turns {
  private enum State: Equatable {
    case free
    /// The stream was told, and has not begun yet.
    case offered(Int32)
    /// It has begun, and its reply is not there yet.
    case taken(Int32)
  }

  private var state = State.free
  private var waiting: Deque<Int32> = []

  /// Asks for leave to begin one piece of work. Who gets none waits, and is told in its turn.
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

  /// The stream to be told that it may begin, if it is somebody's turn.
  mutating func next(isBackedUp: Bool) -> Int32? {
    guard state == .free, !isBackedUp, let stream = waiting.popFirst() else { return nil }
    state = .offered(stream)
    return stream
  }
}
