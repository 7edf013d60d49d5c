import Messages
import Testing

@testable import Telemetry

/// Which requests are traced.
@Suite struct SamplerTests {
  private let trace = TraceID(high: 1, low: 0x00ff_ffff_ffff_ffff)

  private func parent(isSampled: Bool) -> TraceContext {
    TraceContext(SpanPosition(trace: trace, span: SpanID(1), flags: isSampled ? 1 : 0))
  }

  @Test func aShareIsDecidedByTheLast56BitsOfTheNumber() {
    let half = TraceShare(0.5)
    #expect(half.contains(TraceID(high: 0, low: 0x0080_0000_0000_0000)))
    #expect(!half.contains(TraceID(high: .max, low: 0xff7f_ffff_ffff_ffff)))
    #expect(TraceShare(1).contains(TraceID(high: 0, low: 0xff00_0000_0000_0000)))
    #expect(!TraceShare(0).contains(trace))
  }

  @Test func aShareIsAsLargeAsItSaysAndHoldsEachSmallerOne() {
    let traces = (0..<20_000).map { _ in TraceID.random() }
    let (tenth, third) = (TraceShare(0.1), TraceShare(0.33))
    let kept = traces.filter(tenth.contains)
    #expect((1_700...2_300).contains(kept.count))
    #expect(kept.allSatisfy(third.contains))
  }

  @Test func samplersDecideAsTheyAreNamed() {
    #expect(Sampler.alwaysOn.samples(trace, parent: parent(isSampled: false)))
    #expect(!Sampler.alwaysOff.samples(trace, parent: parent(isSampled: true)))
    #expect(!Sampler.share(TraceShare(0)).samples(trace, parent: parent(isSampled: true)))
    for root in [Sampler.alwaysOn, .alwaysOff] {
      let sampler = Sampler.parentBased(root: root)
      #expect(sampler.samples(trace, parent: parent(isSampled: true)))
      #expect(!sampler.samples(trace, parent: parent(isSampled: false)))
      #expect(sampler.samples(trace, parent: nil) == (root == .alwaysOn))
    }
  }
}
