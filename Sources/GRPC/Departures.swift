import DequeModule

/// The followed requests of one stream whose outcome is known and whose answer has not left yet.
struct Departures {
  private struct Departure {
    let trail: any RequestTrail
    /// The stream's queued bytes up to the end of the answer.
    let offset: Int
  }

  private var waiting: Deque<Departure> = []
  /// Bytes of replies ever queued on the stream.
  var queuedBytes = 0

  /// - Parameter replyBytes: the size of the answer, which is queued next.
  mutating func add(_ trail: any RequestTrail, replyBytes: Int) {
    waiting.append(Departure(trail: trail, offset: queuedBytes + replyBytes))
  }

  /// - Parameter unsentBytes: the bytes that the stream has not sent yet.
  mutating func happen(unsentBytes: Int) {
    while let first = waiting.first, first.offset <= queuedBytes - unsentBytes {
      waiting.removeFirst()
      first.trail.left()
    }
  }

  /// The stream is over: all remaining requests have left.
  mutating func all() {
    while let departure = waiting.popFirst() { departure.trail.left() }
  }
}
