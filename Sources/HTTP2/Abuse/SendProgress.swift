import NIOCore

/// Tracks whether a client continues to read a response that waits for its window.
struct SendProgress {
  private var waitingSince: NIODeadline?

  /// Some of the response has left.
  mutating func sent() { waitingSince = nil }

  /// Call this periodically.
  /// - Parameter isWaiting: whether the client's window holds back some of the response.
  /// - Returns: false if something waited and nothing left for all of `limit`.
  mutating func isAlive(isWaiting: Bool, limit: TimeAmount, at now: NIODeadline) -> Bool {
    guard isWaiting else {
      waitingSince = nil
      return true
    }
    guard let since = waitingSince else {
      waitingSince = now
      return true
    }
    return since + limit > now
  }
}
