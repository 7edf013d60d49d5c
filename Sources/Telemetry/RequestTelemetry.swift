import GRPC
import HTTP2
import NIOCore
import Service
import Tracing

/// Follows requests for traces and for the request log.
public struct RequestTelemetry: RequestFollower {
  /// By the router's route numbers.
  private let methods: [MethodName]
  private let topics: TaskTopics
  private let tracer: SpanTracer
  private let log: RequestLog?

  /// - Parameters:
  ///   - router: the source of the methods.
  ///   - topics: the topics of the tasks that the server serves.
  ///   - log: nil if no requests are logged.
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

/// A method's name, in the form of traces and logs.
struct MethodName: Sendable {
  /// For example `scimult.v1.SciMult/Encode`.
  let full: String
  let service: String?
  let method: String

  /// Stands for every path that is not a method of the server.
  static let unknown = MethodName(full: "unknown", service: nil, method: "unknown")

  private init(full: String, service: String?, method: String) {
    self.full = full
    self.service = service
    self.method = method
  }

  /// - Parameter path: the path, with a slash before each part.
  init(path: String) {
    let parts = path.split(separator: "/").map(String.init)
    self.init(full: parts.joined(separator: "/"), service: parts.first, method: parts.last ?? path)
  }
}

/// Reads the fields of a header block.
struct HeaderExtractor: Extractor {
  /// - Returns: the field's value; nil if there is no such field, or several fields `traceparent`. Several fields
  ///   `tracestate` form one list.
  func extract(key: String, from fields: [HeaderField]) -> String? {
    let values = fields.filter { $0.name == key }.map(\.value)
    if key == "tracestate" { return values.isEmpty ? nil : values.joined(separator: ",") }
    return values.count == 1 ? values[0] : nil
  }
}

/// Converts times of the monotonic clock, which measures requests, to the time of day. The offset is read once per
/// request, so that the request's times keep their order and their distances.
struct TraceClock: Sendable {
  private let offset: UInt64

  init() {
    offset = DefaultTracerClock.now.nanosecondsSinceEpoch &- NIODeadline.now().uptimeNanoseconds
  }

  func instant(_ time: NIODeadline) -> DefaultTracerClock.Timestamp {
    DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: offset &+ time.uptimeNanoseconds)
  }
}
