import Testing

@testable import Transformer

/// Whether threads share a short text, by what it took before.
@Suite struct SharingGaugeTests {
  /// 0.72 ms on one thread.
  private let effort = SharingGauge.Effort(products: 130_000_000, stages: 66, threads: 2)

  /// The time of a pass on cores between which a stage costs so many nanoseconds.
  private func time(isShared: Bool, stageNs: Int) -> Duration {
    .nanoseconds(isShared ? 360_000 + 66 * stageNs : 720_000)
  }

  /// Makes decisions and measures their passes; returns how many were shared.
  private func run(_ gauge: inout SharingGauge, passes: Int, stageNs: Int) -> Int {
    (0..<passes).count { _ in
      let isShared = gauge.sharesNext(effort)
      gauge.add(time(isShared: isShared, stageNs: stageNs), of: effort, isShared: isShared)
      return isShared
    }
  }

  private func shares(_ gauge: SharingGauge, _ effort: SharingGauge.Effort) -> Bool {
    var gauge = gauge
    return gauge.sharesNext(effort)
  }

  @Test func theFirstPassIsNotShared() {
    #expect(shares(SharingGauge(), effort) == false)
  }

  @Test func nearCoresShare() {
    var gauge = SharingGauge()
    let near = run(&gauge, passes: 1281, stageNs: 2_000)
    #expect(near == 1271)
  }

  @Test func farCoresDoNot() {
    var gauge = SharingGauge()
    // The first one shows the cost; later ones are trials.
    let far = run(&gauge, passes: 1281, stageNs: 9_000)
    #expect(far == 10)
  }

  @Test func coresThatMoveAreNoticed() {
    var gauge = SharingGauge()
    _ = run(&gauge, passes: 1000, stageNs: 2_000)
    let far = run(&gauge, passes: 1000, stageNs: 9_000)
    #expect(far < 30)
    let near = run(&gauge, passes: 3000, stageNs: 2_000)
    #expect(near > 1000)
  }

  @Test func anInterruptionChangesNothing() {
    var gauge = SharingGauge()
    _ = run(&gauge, passes: 100, stageNs: 2_000)
    gauge.add(.milliseconds(50), of: effort, isShared: true)
    gauge.add(.milliseconds(50), of: effort, isShared: false)
    #expect(shares(gauge, effort) == true)
  }

  @Test func littleWorkAndOneThreadAreNeverShared() {
    var gauge = SharingGauge()
    gauge.add(.milliseconds(1), of: effort, isShared: false)
    #expect(shares(gauge, effort) == true)
    #expect(shares(gauge, SharingGauge.Effort(products: 1 << 24, stages: 66, threads: 2)) == false)
    #expect(shares(gauge, SharingGauge.Effort(products: 130_000_000, stages: 66, threads: 1)) == false)
  }
}
