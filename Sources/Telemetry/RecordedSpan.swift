import Messages
import Synchronization
import Tracing

/// A span of ``SpanTracer``. Any thread may use it; changes after its end are dropped.
public final class RecordedSpan: Tracing.Span {
  private struct State {
    var record: SpanRecord
    var attributes = SpanAttributes()
    /// nil if the span is not sampled, or has ended.
    var sink: SpanSink?
  }

  public let context: ServiceContext
  public let position: SpanPosition
  private let state: Mutex<State>

  init(_ record: SpanRecord, context: ServiceContext, sink: SpanSink?) {
    self.context = context
    position = record.position
    state = Mutex(State(record: record, sink: sink))
  }

  public var isRecording: Bool { state.withLock { $0.sink != nil } }

  public var operationName: String {
    get { state.withLock(\.record.name) }
    set { change { $0.record.name = newValue } }
  }

  public var attributes: SpanAttributes {
    get { state.withLock(\.attributes) }
    set { change { $0.attributes = newValue } }
  }

  public func setStatus(_ status: SpanStatus) {
    change { state in
      state.record.status =
        switch status.code {
        case .ok: .ok
        case .error: .error(message: status.message ?? "")
        }
    }
  }

  public func addEvent(_ event: SpanEvent) {
    change { state in
      state.record.events.append(
        SpanRecord.Event(
          name: event.name, time: event.nanosecondsSinceEpoch, attributes: AttributeValue.all(event.attributes)))
    }
  }

  /// Records only the error's type, because its description may contain a client's text.
  public func recordError<Instant: TracerInstant>(
    _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
  ) {
    var attributes = attributes
    attributes["exception.type"] = String(reflecting: type(of: error))
    addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
  }

  public func addLink(_ link: SpanLink) {
    guard let trace = link.context.trace else { return }
    change { state in
      state.record.links.append(
        SpanRecord.Link(position: trace.position, attributes: AttributeValue.all(link.attributes)))
    }
  }

  public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
    let end = instant().nanosecondsSinceEpoch
    let ended: (SpanRecord, SpanSink)? = state.withLock { state in
      guard let sink = state.sink else { return nil }
      state.sink = nil
      state.record.end = end
      state.record.attributes = AttributeValue.all(state.attributes)
      return (state.record, sink)
    }
    if let (record, sink) = ended { sink(record) }
  }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { state in
      if state.sink != nil { body(&state) }
    }
  }
}

extension AttributeValue {
  static func all(_ attributes: SpanAttributes) -> [String: AttributeValue] {
    var values: [String: AttributeValue] = [:]
    func keep(_ name: String, _ attribute: SpanAttribute) { values[name] = AttributeValue(attribute) }
    attributes.forEach(keep)
    return values
  }

  /// nil for types that OpenTelemetry does not have.
  init?(_ attribute: SpanAttribute) {
    switch attribute {
    case .string(let text): self = .string(text)
    case .bool(let value): self = .bool(value)
    case .int32(let value): self = .int(Int64(value))
    case .int64(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .stringConvertible(let value): self = .string("\(value)")
    case .stringArray(let texts): self = .array(texts.map { .string($0) })
    case .boolArray(let values): self = .array(values.map { .bool($0) })
    case .int32Array(let values): self = .array(values.map { .int(Int64($0)) })
    case .int64Array(let values): self = .array(values.map { .int($0) })
    case .doubleArray(let values): self = .array(values.map { .double($0) })
    case .stringConvertibleArray(let values): self = .array(values.map { .string("\($0)") })
    default: return nil
    }
  }
}
