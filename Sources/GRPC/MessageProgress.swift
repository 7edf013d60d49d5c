import NIOCore

/// Tracks whether a client continues to send a message that it has begun.
///
/// Time in which the server applies backpressure does not count. Only a kilobyte counts as progress, so that a client
/// cannot hold a message open for ever with a byte now and then.
struct MessageProgress {
  static let leastBytes = 1 << 10

  private var mark: (bytes: Int, time: NIODeadline)?

  /// Call this periodically.
  /// - Parameters:
  ///   - bytes: all bytes received on the call so far.
  ///   - isAwaited: whether the message is incomplete and the client's window is open.
  /// - Returns: false if the message has made no progress for all of `limit`.
  mutating func isAlive(received bytes: Int, isAwaited: Bool, limit: TimeAmount, at now: NIODeadline) -> Bool {
    guard isAwaited else {
      mark = nil
      return true
    }
    guard let mark, bytes < mark.bytes + Self.leastBytes else {
      mark = (bytes, now)
      return true
    }
    return mark.time + limit > now
  }
}
