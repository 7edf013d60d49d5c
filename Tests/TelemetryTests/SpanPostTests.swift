import NIOCore
import Testing

@testable import Telemetry

/// The meaning of a receiver's answer.
@Suite struct SpanPostTests {
  private func outcome(_ status: Int, retryAfter: String? = nil, _ body: [UInt8] = []) -> SpanPost.Outcome {
    SpanPost.outcome(status, retryAfter: retryAfter, ByteBuffer(bytes: body))
  }

  @Test func successMayBePartial() {
    #expect(outcome(200) == .done(rejectedSpans: 0))
    #expect(outcome(202, [0x0a, 0x02, 0x08, 0x07]) == .done(rejectedSpans: 7))
    #expect(outcome(200, [0xff, 0xff]) == .done(rejectedSpans: 0), "what cannot be read says nothing")
  }

  @Test(arguments: [429, 502, 503, 504])
  func temporaryFailuresAreRetried(_ status: Int) {
    #expect(outcome(status) == .retry(reason: "HTTP \(status)", pause: nil))
    #expect(outcome(status, retryAfter: "3") == .retry(reason: "HTTP \(status)", pause: .seconds(3)))
    #expect(outcome(status, retryAfter: "86400") == .retry(reason: "HTTP \(status)", pause: .seconds(60)))
    #expect(outcome(status, retryAfter: "soon") == .retry(reason: "HTTP \(status)", pause: nil))
  }

  @Test(arguments: [302, 400, 401, 404, 413, 500])
  func permanentFailuresAreNotRetried(_ status: Int) {
    #expect(outcome(status) == .refused(reason: "HTTP \(status)"))
  }
}
