/// Decides the meaning of a stop signal: the first one begins the drain, a later one ends the server at once.
///
/// A program that stops a process may send its signal twice, to the process and to its group, or send two signals
/// together. A signal within a moment of the first therefore counts as the same one.
struct StopSignals {
  enum Meaning {
    case stop
    case sameAgain
    case stopAtOnce
  }

  static let moment = Duration.milliseconds(500)

  private var first: ContinuousClock.Instant?

  mutating func received(at now: ContinuousClock.Instant) -> Meaning {
    guard let first else {
      self.first = now
      return .stop
    }
    return now - first < Self.moment ? .sameAgain : .stopAtOnce
  }
}
