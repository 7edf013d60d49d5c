import GRPC
import HTTP2
import NIOCore
import Service
import Tracing

/// Follows requests for traces and for the log of requests.
public struct RequestTelemetry: RequestFollower {
  /// By the router's numbers.
  private let methods: [MethodName]
  private let topics: TaskTopics
  private let tracer: SpanTracer
  private let log: RequestLog?

  /// - Parameters:
  ///   - router: has the methods that there are.
  ///   - topics: of the tasks that are served.
  ///   - log: nil where no requests are logged.
  public init(router: Router, topics: TaskTopics, tracer: SpanTracer, log: RequestLog?) {
    self.topics = topics
    methods = router.routes.map { MethodName(path: $0.path) }
    self.tracer = tracer
    self.log = log
  }

  public func follow(_ origin: RequestOrigin) -> (any RequestTrail)? {
    let clock = TraceClock()
    var context = ServiceContext.topLevel
    tracer.extract(origin.headers, into: &context, using: HeaderExtractor())
    let method = origin.route.map { methods[$0] } ?? .unknown
    let span = tracer.startSpan(method.full, context: context, ofKind: .server, at: clock.instant(origin.arrival))
    guard span.isRecording || log != nil else { return nil }
    let notes = RequestNotes(
      method: method, peer: origin.peer, arrival: origin.arrival,
      requestID: origin.headers.first("x-request-id").flatMap(RequestNotes.identifier))
    return FollowedRequest(notes, span: span, clock: clock, topics: topics, tracer: tracer, log: log)
  }
}

/// A method's name, as traces and logs have it.
struct MethodName: Sendable {
  /// Such as `scimult.v1.SciMult/Encode`.
  let full: String
  let service: String?
  let method: String

  /// What is no method of the server, whatever the client called it.
  static let unknown = MethodName(full: "unknown", service: nil, method: "unknown")

  private init(full: String, service: String?, method: String) {
    self.full = full
    self.service = service
    self.method = method
  }

  /// - Parameter path: with a slash before each part.
  init(path: String) {
    let parts = path.split(separator: "/").map(String.init)
    self.init(full: parts.joined(separator: "/"), service: parts.first, method: parts.last ?? path)
  }
}

/// Reads the fields of a header block.
struct HeaderExtractor: Extractor {
  /// - Returns: nil where there is none; of `traceparent`, also where there are several. Several of `tracestate` are one
  ///   list.
  func extract(key: String, from fields: [HeaderField]) -> String? {
    let values = fields.filter { $0.name == key }.map(\.value)
    if key == "tracestate" { return values.isEmpty ? nil : values.joined(separator: ",") }
    return values.count == 1 ? values[0] : nil
  }
}

/// Turns the clock that requests are timed by, which only goes forward, into the time of day. It is set once for each
/// request, so that its times keep their order and their distances.
struct TraceClock: Sendable {
  private let offset: UInt64

  init() {
    offset = DefaultTracerClock.now.nanosecondsSinceEpoch &- NIODeadline.now().uptimeNanoseconds
  }

  func instant(_ time: NIODeadline) -> DefaultTracerClock.Timestamp {
    DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: offset &+ time.uptimeNanoseconds)
  }
}
