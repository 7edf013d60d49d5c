import NIOCore

/// Whether a client goes on reading a response that waits for its window.
struct SendProgress {
  private var waitingSince: NIODeadline?

  /// Some of the response has left.
  mutating func sent() { waitingSince = nil }

  /// To be asked now and then.
  /// - Parameter isWaiting: the client's window is what keeps some of the response here.
  /// - Returns: false where all of `limit` has passed in which something waited and nothing left.
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
