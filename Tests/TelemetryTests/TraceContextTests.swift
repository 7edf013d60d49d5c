import Testing

@testable import Telemetry

/// Which headers continue a trace: the cases of W3C's Trace Context.
@Suite struct TraceContextTests {
  private static let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  @Test func theSpecificationsExamplesAreRead() throws {
    let context = try #require(TraceContext(traceparent: Self.example))
    #expect(context.position.trace.hex == "4bf92f3577b34da6a3ce929d0e0e4736")
    #expect(context.position.span.hex == "00f067aa0ba902b7")
    #expect(context.isSampled && context.isRemote)
    #expect(context.position.state.isEmpty)
    #expect(context.traceparent == Self.example)
  }

  @Test func theFlagsSayWhetherItIsSampled() throws {
    for (flags, isSampled) in [("00", false), ("01", true), ("02", false), ("03", true), ("fe", false), ("ff", true)] {
      let context = try #require(TraceContext(traceparent: Self.example.dropLast(2) + flags))
      #expect(context.isSampled == isSampled, "\(flags)")
      #expect(context.position.flags & ~3 == 0, "unknown flags are not handed on")
    }
  }

  @Test func leadingZerosStay() throws {
    let text = "00-00000000000000000000000000000001-0000000000000001-00"
    #expect(TraceContext(traceparent: text)?.traceparent == text)
  }

  @Test(arguments: [
    "", "00", "00-", "garbage",
    // Version.
    "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    // Ids of zeros.
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    // Upper case, and characters that are not digits.
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0A",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-+1",
    // Lengths and dashes.
    "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
    "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-adds",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ",
    "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what-the-future-does-not",
    "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
  ])
  func whatIsNoneBeginsAnew(_ text: String) {
    #expect(TraceContext(traceparent: text) == nil)
  }

  @Test func versionsToComeMaySayMore() throws {
    let later = "cc" + Self.example.dropFirst(2)
    for text in [later, later + "-", later + "-what-the-future-adds"] {
      let context = try #require(TraceContext(traceparent: text))
      #expect(context.traceparent == Self.example, "what goes on is of the version that is known")
    }
  }

  @Test func traceStateIsForwarded() {
    func state(_ text: String) -> String? {
      TraceContext(traceparent: Self.example, tracestate: text)?.position.state
    }
    #expect(state("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE") == "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
    #expect(state("a=1 ,\tb@c=2, ,") == "a=1,b@c=2")
    #expect(state("0tenant@1vendor=opaque value!") == "0tenant@1vendor=opaque value!")
    #expect(state((0..<32).map { "k\($0)=v" }.joined(separator: ","))?.isEmpty == false)
  }

  @Test(arguments: [
    "a", "=1", "a=", "A=1", "a b=1", "a=b=c", "a=é", "a=1,a=2", (0..<33).map { "k\($0)=v" }.joined(separator: ","),
    "a=" + String(repeating: "v", count: 257),
  ])
  func aStateThatIsNoneIsDroppedAndTheTraceGoesOn(_ text: String) throws {
    let context = try #require(TraceContext(traceparent: Self.example, tracestate: text))
    #expect(context.position.state.isEmpty)
  }
}
