import Testing

@testable import scimult

/// One signal stops, a later one at once; what comes within a moment of the first is the same wish.
@Suite struct StopSignalsTests {
  private let start = ContinuousClock.now

  @Test func theFirstStops() {
    var signals = StopSignals()
    #expect(signals.received(at: start) == .stop)
  }

  @Test func moreWithinAMomentAreTheSame() {
    var signals = StopSignals()
    _ = signals.received(at: start)
    for milliseconds in [0, 1, 499] {
      #expect(signals.received(at: start + .milliseconds(milliseconds)) == .sameAgain)
    }
  }

  @Test func aLaterOneStopsAtOnce() {
    var signals = StopSignals()
    _ = signals.received(at: start)
    _ = signals.received(at: start + .milliseconds(499))
    #expect(signals.received(at: start + .milliseconds(500)) == .stopAtOnce)
  }
}
