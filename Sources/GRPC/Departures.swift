import DequeModule

/// Requests of one stream whose outcome is known and whose answer has not gone yet, where requests are followed.
struct Departures {
  private struct Departure {
    let trail: any RequestTrail
    /// Bytes of the stream that have been queued up to the answer's end.
    let offset: Int
  }

  private var waiting: Deque<Departure> = []
  /// Bytes of replies that the stream was ever given.
  var queuedBytes = 0

  /// - Parameter replyBytes: of the answer, which is queued next.
  mutating func add(_ trail: any RequestTrail, replyBytes: Int) {
    waiting.append(Departure(trail: trail, offset: queuedBytes + replyBytes))
  }

  /// - Parameter unsentBytes: that the stream holds still.
  mutating func happen(unsentBytes: Int) {
    while let first = waiting.first, first.offset <= queuedBytes - unsentBytes {
      waiting.removeFirst()
      first.trail.left()
    }
  }

  /// The stream is over.
  mutating func all() {
    while let departure = waiting.popFirst() { departure.trail.left() }
  }
}
