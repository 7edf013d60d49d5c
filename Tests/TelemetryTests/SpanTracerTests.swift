import Messages
import Synchronization
import Testing
import Tracing

@testable import Telemetry

/// The spans from calls of swift-distributed-tracing.
@Suite struct SpanTracerTests {
  private final class Kept: Sendable {
    let spans = Mutex<[SpanRecord]>([])

    @Sendable func add(_ span: SpanRecord) { spans.withLock { $0.append(span) } }

    var all: [SpanRecord] { spans.withLock(\.self) }
  }

  private struct Fields: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }

    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
  }

  private struct Failure: Error {}

  private let kept = Kept()

  private func tracer(_ sampler: Sampler = .parentBased(root: .alwaysOn)) -> SpanTracer {
    SpanTracer(sampler: sampler, sink: kept.add)
  }

  @Test func aTraceIsContinued() throws {
    let tracer = tracer()
    var context = ServiceContext.topLevel
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    tracer.extract(["traceparent": traceparent, "tracestate": "a=1"], into: &context, using: Fields())
    let span = tracer.startSpan("one", context: context, ofKind: .server)
    span.end()
    let record = try #require(kept.all.first)
    #expect(record.position.trace.hex == "4bf92f3577b34da6a3ce929d0e0e4736")
    #expect(record.parent?.hex == "00f067aa0ba902b7")
    #expect(record.parentIsRemote == true)
    #expect(record.kind == .server)
    #expect(record.end >= record.start)
    var sent: [String: String] = [:]
    tracer.inject(span.context, into: &sent, using: Fields())
    #expect(sent["traceparent"] == "00-4bf92f3577b34da6a3ce929d0e0e4736-\(record.position.span.hex)-01")
    #expect(sent["tracestate"] == "a=1")
  }

  @Test func withoutAParentATraceBegins() throws {
    let tracer = tracer()
    for name in ["one", "two"] { tracer.startSpan(name, context: .topLevel).end() }
    let (one, two) = (kept.all[0], kept.all[1])
    #expect(one.parent == nil && one.parentIsRemote == nil)
    #expect(one.position.trace != two.position.trace)
    #expect(one.position.flags == 3, "sampled, and random")
    #expect(one.kind == .internal)
  }

  @Test func childrenShareTheFateOfTheirParent() {
    for (sampler, count) in [(Sampler.alwaysOff, 0), (.alwaysOn, 2)] {
      let tracer = tracer(sampler)
      tracer.withSpan("parent", context: .topLevel) { parent in
        #expect(parent.isRecording == (count > 0))
        tracer.withSpan("child") { child in #expect(child.position.trace == parent.position.trace) }
      }
      #expect(kept.all.count == count)
    }
    #expect(kept.all.map(\.name) == ["child", "parent"])
    #expect(kept.all[0].parent == kept.all[1].position.span)
    #expect(kept.all[0].parentIsRemote == false)
  }

  @Test func allValuesOfASpanAreKept() throws {
    let span = tracer().startSpan("name", context: .topLevel)
    let other = tracer().startSpan("other", context: .topLevel)
    span.operationName = "renamed"
    span.attributes["text"] = "a"
    span.updateAttributes { attributes in
      attributes["number"] = 7
      attributes["flag"] = true
      attributes["list"] = [1, 2] as [Int64]
    }
    span.addEvent("happened")
    span.recordError(Failure())
    span.addLink(SpanLink(context: other.context, attributes: ["why": "because"]))
    span.setStatus(SpanStatus(code: .error, message: "broken"))
    span.end()
    span.attributes["late"] = true
    span.end()
    let record = try #require(kept.all.first)
    #expect(kept.all.count == 1)
    #expect(record.name == "renamed")
    #expect(
      record.attributes == [
        "text": .string("a"), "number": .int(7), "flag": .bool(true), "list": .array([.int(1), .int(2)]),
      ])
    #expect(record.events.map(\.name) == ["happened", "exception"])
    #expect(record.events[1].attributes.keys.sorted() == ["exception.type"])
    #expect(record.links == [.init(position: other.position, attributes: ["why": .string("because")])])
    #expect(record.status == .error(message: "broken"))
    #expect(!span.isRecording)
  }
}
