import Testing

@testable import scimult

/// The first signal stops gracefully, a later one immediately. Signals shortly after the first count as the same one.
@Suite struct StopSignalsTests {
  private let start = ContinuousClock.now

  @Test func theFirstSignalStops() {
    var signals = StopSignals()
    #expect(signals.received(at: start) == .stop)
  }

  @Test func signalsShortlyAfterTheFirstAreIgnored() {
    var signals = StopSignals()
    _ = signals.received(at: start)
    for milliseconds in [0, 1, 499] {
      #expect(signals.received(at: start + .milliseconds(milliseconds)) == .sameAgain)
    }
  }

  @Test func aLaterSignalStopsImmediately() {
    var signals = StopSignals()
    _ = signals.received(at: start)
    _ = signals.received(at: start + .milliseconds(499))
    #expect(signals.received(at: start + .milliseconds(500)) == .stopAtOnce)
  }
}
