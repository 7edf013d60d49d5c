import Messages
import Tracing

/// Receives spans that have ended. Called on any thread; must not block.
public typealias SpanSink = @Sendable (SpanRecord) -> Void

/// The tracer for swift-distributed-tracing, with W3C's trace numbers and OpenTelemetry's sampling. It is not the
/// process's default tracer.
public final class SpanTracer: Tracer {
  private let sampler: Sampler
  private let sink: SpanSink

  public init(sampler: Sampler, sink: @escaping SpanSink) {
    self.sampler = sampler
    self.sink = sink
  }

  public func startSpan<Instant: TracerInstant>(
    _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
    at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
  ) -> RecordedSpan {
    var context = context()
    let parent = context.trace
    let trace = parent?.position.trace ?? .random()
    // A child of a span of this process is sampled exactly if its parent is.
    let sampled = parent.flatMap { $0.isRemote ? nil : $0.isSampled } ?? sampler.samples(trace, parent: parent)
    let random = parent.map { $0.position.flags & TraceContext.randomFlag } ?? TraceContext.randomFlag
    let position = SpanPosition(
      trace: trace, span: .random(), flags: random | (sampled ? TraceContext.sampledFlag : 0),
      state: parent?.position.state ?? "")
    context.trace = TraceContext(position)
    let start = instant().nanosecondsSinceEpoch
    let record = SpanRecord(
      position: position, parent: parent?.position.span, parentIsRemote: parent?.isRemote, name: operationName,
      kind: SpanRecord.Kind(kind), start: start, end: start)
    return RecordedSpan(record, context: context, sink: sampled ? sink : nil)
  }

  public func startAnySpan<Instant: TracerInstant>(
    _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
    at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
  ) -> any Tracing.Span {
    startSpan(
      operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID, line: line)
  }

  /// Spans are exported soon after they end, and at the server's stop.
  public func forceFlush() {}

  public func extract<Carrier, Extract: Extractor>(
    _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
  ) where Extract.Carrier == Carrier {
    guard let traceparent = extractor.extract(key: "traceparent", from: carrier) else { return }
    context.trace = TraceContext(
      traceparent: traceparent, tracestate: extractor.extract(key: "tracestate", from: carrier))
  }

  public func inject<Carrier, Inject: Injector>(
    _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
  ) where Inject.Carrier == Carrier {
    guard let trace = context.trace else { return }
    injector.inject(trace.traceparent, forKey: "traceparent", into: &carrier)
    if !trace.position.state.isEmpty { injector.inject(trace.position.state, forKey: "tracestate", into: &carrier) }
  }
}

extension ServiceContext {
  private enum TraceKey: ServiceContextKey {
    typealias Value = TraceContext
  }

  /// The span to which the work belongs.
  public internal(set) var trace: TraceContext? {
    get { self[TraceKey.self] }
    set { self[TraceKey.self] = newValue }
  }
}

extension SpanRecord.Kind {
  init(_ kind: SpanKind) {
    switch kind {
    case .server: self = .server
    case .client: self = .client
    case .producer: self = .producer
    case .consumer: self = .consumer
    default: self = .internal
    }
  }
}
