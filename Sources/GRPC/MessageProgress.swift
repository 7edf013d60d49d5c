import NIOCore

/// Whether a client goes on sending a message that it has begun.
///
/// Time in which the server holds the client back does not count. So that a byte now and then is no way to hold a
/// message for ever, it takes a kilobyte to count as progress.
struct MessageProgress {
  static let leastBytes = 1 << 10

  private var mark: (bytes: Int, time: NIODeadline)?

  /// To be asked now and then.
  /// - Parameters:
  ///   - bytes: what has been received of the call in all.
  ///   - isAwaited: the message is not complete, and the client's window is open.
  /// - Returns: false where the message has made no progress for all of `limit`.
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
