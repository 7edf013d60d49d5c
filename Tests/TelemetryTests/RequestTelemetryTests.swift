import HTTP2
import Logging
import Messages
import NIOCore
import Service
import Synchronization
import Testing
import Transformer

@testable import GRPC
@testable import Telemetry

/// The spans and log lines for a request.
@Suite struct RequestTelemetryTests {
  private final class Kept: Sendable {
    private let state = Mutex<(spans: [SpanRecord], lines: [Logger.Metadata])>(([], []))

    var spans: [SpanRecord] { state.withLock(\.spans) }
    var lines: [Logger.Metadata] { state.withLock(\.lines) }

    @Sendable func add(_ span: SpanRecord) { state.withLock { $0.spans.append(span) } }

    @Sendable func add(_ line: LogRecord) {
      let metadata = line.metadata()
      state.withLock { $0.lines.append(metadata) }
    }
  }

  private let kept = Kept()
  private let router = Router(methods: ["/t.T/One": .unary { _ in }])

  private func telemetry(_ sampler: Sampler = .alwaysOn, log: RequestLog? = nil) -> RequestTelemetry {
    RequestTelemetry(
      router: router, topics: TaskTopics(EncodingTask.standard), tracer: SpanTracer(sampler: sampler, sink: kept.add),
      log: log)
  }

  private func origin(_ fields: [HeaderField] = [], route: Int? = 0) throws -> RequestOrigin {
    RequestOrigin(
      route: route, headers: fields, peer: try SocketAddress(ipAddress: "::1", port: 77), arrival: .now())
  }

  private func pass(_ trail: any RequestTrail, _ status: Status = .ok) {
    for stage in RequestStage.allCases { trail.reached(stage) }
    trail.note(texts: 5, tokens: 60)
    trail.note(encodedTexts: 2)
    trail.ended(status, topic: 3)
    trail.left()
  }

  @Test func theSpansOfARequestAreATree() throws {
    let trail = try #require(telemetry().follow(try origin()))
    trail.note(requestID: "r1")
    pass(trail)
    let spans = kept.spans
    let root = try #require(spans.last)
    #expect(spans.map(\.name) == ["receive", "tokenize", "queue", "encode", "respond", "t.T/One"])
    #expect(spans.dropLast().allSatisfy { $0.parent == root.position.span && $0.kind == .internal })
    #expect(spans.allSatisfy { $0.position.trace == root.position.trace })
    #expect(spans.allSatisfy { root.start <= $0.start && $0.start <= $0.end && $0.end <= root.end })
    #expect(root.kind == .server)
    #expect(root.status == .unset)
    #expect(
      root.attributes == [
        "rpc.system": .string("grpc"), "rpc.service": .string("t.T"), "rpc.method": .string("One"),
        "rpc.grpc.status_code": .int(0), "network.peer.address": .string("::1"), "network.peer.port": .int(77),
        "scimult.request_id": .string("r1"), "scimult.task": .string("search"), "scimult.texts": .int(5),
        "scimult.tokens": .int(60), "scimult.cached_texts": .int(3),
      ])
  }

  @Test func faultsOfTheServerAreErrorsAndThoseOfClientsAreNot() throws {
    for (code, status) in [
      (Status.Code.internal, SpanRecord.Status.error(message: "")), (.deadlineExceeded, .error(message: "")),
      (.invalidArgument, .unset), (.cancelled, .unset),
    ] {
      pass(try #require(telemetry().follow(try origin())), Status(code, "a secret text"))
      let root = try #require(kept.spans.last)
      #expect(root.status == status)
      #expect(root.attributes["rpc.grpc.status_code"] == .int(Int64(code.rawValue)))
    }
    #expect(!"\(kept.spans)".contains("secret"))
  }

  @Test func lateEventsAreDropped() throws {
    let trail = try #require(telemetry().follow(try origin()))
    trail.reached(.complete)
    trail.ended(Status(.cancelled, ""), topic: 0)
    trail.reached(.encoded)
    trail.left()
    trail.note(requestID: "late")
    trail.left()
    #expect(kept.spans.map(\.name) == ["receive", "respond", "t.T/One"])
  }

  @Test func requestsAreFollowedOnlyIfNeeded() throws {
    let fields = [HeaderField("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")]
    let telemetry = telemetry(.parentBased(root: .alwaysOn))
    #expect(telemetry.follow(try origin(fields)) == nil)
    #expect(telemetry.follow(try origin(fields + fields)) != nil, "two headers are none")
  }

  @Test func aLineTellsWhatIsKnown() throws {
    let log = RequestLog(.all, share: TraceShare(1), write: kept.add)
    let fields = [
      HeaderField("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
      HeaderField("x-request-id", "from-the-proxy"),
    ]
    pass(try #require(telemetry(.alwaysOff, log: log).follow(try origin(fields))))
    let line = try #require(kept.lines.first)
    #expect(
      line.keys.sorted() == [
        "duration_ms", "encode_ms", "method", "peer", "queue_ms", "request_id", "span_id", "status", "task", "texts",
        "tokens", "trace_id",
      ])
    #expect(line["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736")
    #expect(line["request_id"] == "from-the-proxy")
    #expect(line["method"] == "t.T/One")
    #expect(line["peer"] == "[::1]:77")
    #expect(line["status"] == "OK")
    #expect(line["texts"]?.description == "5")
    #expect(kept.spans.isEmpty)
  }

  @Test(arguments: [("::ffff:192.0.2.1", "192.0.2.1"), ("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::1")])
  func aMappedIPv4AddressIsShownAsIPv4(bound: String, text: String) throws {
    #expect(try SocketAddress(ipAddress: bound, port: 1).peerAddress == text)
  }

  @Test func errorsAreAlwaysLoggedAndOthersInTheirShare() throws {
    let (low, high) = (TraceID(high: 0, low: 1), TraceID(high: 0, low: (1 << 56) - 1))
    func log(_ scope: RequestLog.Scope) -> RequestLog? { RequestLog(scope, share: TraceShare(0.01), write: kept.add) }
    #expect(log(.off) == nil)
    let all = try #require(log(.all))
    #expect(all.wants(.ok, high) && !all.wants(.ok, low) && all.wants(.internal, low))
    let errors = try #require(log(.errors))
    #expect(!errors.wants(.ok, high) && errors.wants(.cancelled, low))
  }
}
