import NIOCore

/// When a connection's client is asked whether it is still there, and when the connection has to end.
///
/// Pings as in gRPC's keepalive (proposals A8 and A9): any byte of the client answers one.
struct ConnectionLife {
  /// What is due.
  enum Action: Equatable {
    /// Ask the client for an answer.
    case ping
    /// End the connection without losing a request.
    case drain
    /// The client is gone.
    case close
  }

  /// What a client that was asked has to answer within.
  static let patience: TimeAmount = .seconds(20)

  private let times: ConnectionTimes
  private let end: NIODeadline?
  private var lastSign: NIODeadline
  private var askedAt: NIODeadline?
  /// Since when no stream has been open; nil while one is.
  private var idleSince: NIODeadline?
  private var isDraining = false

  /// - Parameter ageFactor: what the age is multiplied by, so that connections that began together do not all end together.
  init(_ times: ConnectionTimes, ageFactor: Double, now: NIODeadline) {
    self.times = times
    end = times.age.map { now + .nanoseconds(Int64(Double($0.nanoseconds) * ageFactor)) }
    lastSign = now
    idleSince = now
  }

  /// The client has sent something, or taken something.
  mutating func heard(at now: NIODeadline) {
    lastSign = now
    askedAt = nil
  }

  /// So many streams are open.
  mutating func streams(open: Int, at now: NIODeadline) {
    if open > 0 {
      idleSince = nil
    } else if idleSince == nil {
      idleSince = now
    }
  }

  /// When something will be due if nothing happens until then.
  var nextDeadline: NIODeadline? {
    [silenceDeadline, drainDeadline].compactMap(\.self).min()
  }

  /// What is due, told once.
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
