import NIOCore

/// Decides when to ping a connection's client, and when to end the connection.
///
/// Pings follow gRPC's keepalive (proposals A8 and A9): any byte from the client answers one.
struct ConnectionLife {
  /// The action that is due.
  enum Action: Equatable {
    /// Send a ping.
    case ping
    /// End the connection without losing a request.
    case drain
    /// The client is gone.
    case close
  }

  /// The time in which a client must answer a ping.
  static let patience: TimeAmount = .seconds(20)

  private let times: ConnectionTimes
  private let end: NIODeadline?
  private var lastSign: NIODeadline
  private var askedAt: NIODeadline?
  /// The time since which no stream has been open; nil while one is.
  private var idleSince: NIODeadline?
  private var isDraining = false

  /// - Parameter ageFactor: multiplies the age, so that connections that began together do not all end together.
  init(_ times: ConnectionTimes, ageFactor: Double, now: NIODeadline) {
    self.times = times
    end = times.age.map { now + .nanoseconds(Int64(Double($0.nanoseconds) * ageFactor)) }
    lastSign = now
    idleSince = now
  }

  /// The client has sent or received something.
  mutating func heard(at now: NIODeadline) {
    lastSign = now
    askedAt = nil
  }

  /// Records the number of open streams.
  mutating func streams(open: Int, at now: NIODeadline) {
    if open > 0 {
      idleSince = nil
    } else if idleSince == nil {
      idleSince = now
    }
  }

  /// The time of the next action if nothing happens before it.
  var nextDeadline: NIODeadline? {
    [silenceDeadline, drainDeadline].compactMap(\.self).min()
  }

  /// The action that is due; returned once.
  mutating func takeAction(at now: NIODeadline) -> Action? {
    if let deadline = silenceDeadline, deadline <= now {
      guard askedAt == nil else { return .close }
      askedAt = now
      return .ping
    }
    if let deadline = drainDeadline, deadline <= now {
      isDraining = true
      return .drain
    }
    return nil
  }

  private var silenceDeadline: NIODeadline? {
    if let askedAt { return askedAt + Self.patience }
    return times.keepalive.map { lastSign + $0 }
  }

  private var drainDeadline: NIODeadline? {
    guard !isDraining else { return nil }
    let idleEnd = times.idle.flatMap { idle in idleSince.map { $0 + idle } }
    return [end, idleEnd].compactMap(\.self).min()
  }
}
