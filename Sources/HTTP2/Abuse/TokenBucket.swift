import NIOCore

/// Allows a burst, and a number of events per second in the long run.
struct TokenBucket {
  private let capacity: Double
  private let tokensPerSecond: Double
  private var tokens: Double
  private var filledAt: NIODeadline

  /// The bucket is full at first.
  init(_ rate: Rate, now: NIODeadline) {
    capacity = Double(rate.burst)
    tokensPerSecond = Double(rate.perSecond)
    tokens = capacity
    filledAt = now
  }

  /// - Returns: false if no token is left.
  mutating func take(at now: NIODeadline) -> Bool {
    refill(at: now)
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }

  /// Adds a token, earned otherwise than by waiting.
  mutating func earn() {
    tokens = min(tokens + 1, capacity)
  }

  private mutating func refill(at now: NIODeadline) {
    guard now > filledAt else { return }
    let seconds = Double((now - filledAt).nanoseconds) / 1e9
    tokens = min(tokens + seconds * tokensPerSecond, capacity)
    filledAt = now
  }
}

/// How often something may happen.
public struct Rate: Sendable, Equatable {
  public var burst: Int
  public var perSecond: Int

  public init(burst: Int, perSecond: Int) {
    self.burst = burst
    self.perSecond = perSecond
  }
}
