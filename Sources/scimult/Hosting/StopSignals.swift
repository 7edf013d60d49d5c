/// Decides what a signal that asks for the end means: the first begins the end, a later one wants it at once.
///
/// What stops a process may send its signal twice, to the process and to its group, or two signals together: what comes
/// within a moment of the first is the same wish.
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
