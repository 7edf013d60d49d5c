import CProtobufC
import CSciMultProto
import NIOCore

extension SpanExport {
  /// The serialised message.
  public func wire() -> ByteBuffer {
    let arena = MessageArena.forReply()
    let scopeSpans = arena.messages(1, initialize: opentelemetry__proto__trace__v1__scope_spans__init)
    scopeSpans.pointee.scope = arena.messages(
      1, initialize: opentelemetry__proto__common__v1__instrumentation_scope__init)
    scopeSpans.pointee.scope.pointee.name = arena.string(scope.name)
    scopeSpans.pointee.scope.pointee.version = arena.string(scope.version)
    let values = arena.messages(spans.count, initialize: opentelemetry__proto__trace__v1__span__init)
    for (index, span) in spans.enumerated() { span.fill(&values[index], arena) }
    scopeSpans.pointee.spans = arena.pointers(to: values, count: spans.count)
    scopeSpans.pointee.n_spans = spans.count

    let resourceSpans = arena.messages(1, initialize: opentelemetry__proto__trace__v1__resource_spans__init)
    let resource = arena.messages(1, initialize: opentelemetry__proto__resource__v1__resource__init)
    (resource.pointee.n_attributes, resource.pointee.attributes) = arena.keyValues(self.resource)
    resourceSpans.pointee.resource = resource
    resourceSpans.pointee.scope_spans = arena.pointers(to: scopeSpans, count: 1)
    resourceSpans.pointee.n_scope_spans = 1

    var message = Opentelemetry__Proto__Collector__Trace__V1__ExportTraceServiceRequest()
    opentelemetry__proto__collector__trace__v1__export_trace_service_request__init(&message)
    message.resource_spans = arena.pointers(to: resourceSpans, count: 1)
    message.n_resource_spans = 1
    return pack(&message.base, keeping: arena)
  }
}

extension SpanRecord {
  fileprivate func fill(_ message: inout Opentelemetry__Proto__Trace__V1__Span, _ arena: MessageArena) {
    message.trace_id = arena.bytes(of: position.trace)
    message.span_id = arena.bytes(of: position.span)
    message.trace_state = arena.string(position.state)
    if let parent { message.parent_span_id = arena.bytes(of: parent) }
    message.flags = UInt32(position.flags) | remoteFlags
    message.name = arena.string(name)
    message.kind = Opentelemetry__Proto__Trace__V1__Span__SpanKind(rawValue: kind.rawValue)
    message.start_time_unix_nano = start
    message.end_time_unix_nano = end
    (message.n_attributes, message.attributes) = arena.keyValues(attributes)
    (message.n_events, message.events) = arena.events(events)
    (message.n_links, message.links) = arena.links(links)
    message.status = status.message(arena)
  }

  /// The bits above W3C's flags: whether it is known where the parent is, and that the parent is in another process.
  private var remoteFlags: UInt32 {
    switch parentIsRemote {
    case nil: 0
    case false?: 0x100
    case true?: 0x300
    }
  }
}

extension SpanRecord.Status {
  /// nil if there is nothing to report.
  fileprivate func message(_ arena: MessageArena) -> UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__Status>? {
    if case .unset = self { return nil }
    let status = arena.messages(1, initialize: opentelemetry__proto__trace__v1__status__init)
    status.pointee.code = OPENTELEMETRY__PROTO__TRACE__V1__STATUS__STATUS_CODE__STATUS_CODE_OK
    if case .error(let text) = self {
      status.pointee.code = OPENTELEMETRY__PROTO__TRACE__V1__STATUS__STATUS_CODE__STATUS_CODE_ERROR
      status.pointee.message = arena.string(text)
    }
    return status
  }
}

extension MessageArena {
  fileprivate typealias List<Message> = (
    count: Int, messages: UnsafeMutablePointer<UnsafeMutablePointer<Message>?>?
  )

  fileprivate func bytes(of trace: TraceID) -> ProtobufCBinaryData { bigEndian([trace.high, trace.low]) }

  fileprivate func bytes(of span: SpanID) -> ProtobufCBinaryData { bigEndian([span.value]) }

  private func bigEndian(_ numbers: [UInt64]) -> ProtobufCBinaryData {
    let bytes = numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }
    return ProtobufCBinaryData(len: bytes.count, data: copy(bytes))
  }

  fileprivate func events(_ events: [SpanRecord.Event]) -> List<Opentelemetry__Proto__Trace__V1__Span__Event> {
    let values = messages(events.count, initialize: opentelemetry__proto__trace__v1__span__event__init)
    for (index, event) in events.enumerated() {
      values[index].name = string(event.name)
      values[index].time_unix_nano = event.time
      (values[index].n_attributes, values[index].attributes) = keyValues(event.attributes)
    }
    return (events.count, pointers(to: values, count: events.count))
  }

  fileprivate func links(_ links: [SpanRecord.Link]) -> List<Opentelemetry__Proto__Trace__V1__Span__Link> {
    let values = messages(links.count, initialize: opentelemetry__proto__trace__v1__span__link__init)
    for (index, link) in links.enumerated() {
      values[index].trace_id = bytes(of: link.position.trace)
      values[index].span_id = bytes(of: link.position.span)
      values[index].trace_state = string(link.position.state)
      values[index].flags = UInt32(link.position.flags)
      (values[index].n_attributes, values[index].attributes) = keyValues(link.attributes)
    }
    return (links.count, pointers(to: values, count: links.count))
  }

  /// The attributes, sorted by key.
  fileprivate func keyValues(
    _ attributes: [String: AttributeValue]
  ) -> List<Opentelemetry__Proto__Common__V1__KeyValue> {
    let values = messages(attributes.count, initialize: opentelemetry__proto__common__v1__key_value__init)
    for (index, attribute) in attributes.sorted(by: { $0.key < $1.key }).enumerated() {
      values[index].key = string(attribute.key)
      values[index].value = anyValues([attribute.value])
    }
    return (attributes.count, pointers(to: values, count: attributes.count))
  }

  private func anyValues(
    _ values: [AttributeValue]
  ) -> UnsafeMutablePointer<Opentelemetry__Proto__Common__V1__AnyValue> {
    let result = messages(values.count, initialize: opentelemetry__proto__common__v1__any_value__init)
    for (index, value) in values.enumerated() { fill(&result[index], with: value) }
    return result
  }

  private func fill(_ message: inout Opentelemetry__Proto__Common__V1__AnyValue, with value: AttributeValue) {
    switch value {
    case .string(let text):
      message.value_case = OPENTELEMETRY__PROTO__COMMON__V1__ANY_VALUE__VALUE_STRING_VALUE
      message.string_value = string(text)
    case .bool(let value):
      message.value_case = OPENTELEMETRY__PROTO__COMMON__V1__ANY_VALUE__VALUE_BOOL_VALUE
      message.bool_value = value ? 1 : 0
    case .int(let value):
      message.value_case = OPENTELEMETRY__PROTO__COMMON__V1__ANY_VALUE__VALUE_INT_VALUE
      message.int_value = value
    case .double(let value):
      message.value_case = OPENTELEMETRY__PROTO__COMMON__V1__ANY_VALUE__VALUE_DOUBLE_VALUE
      message.double_value = value
    case .array(let values):
      let array = messages(1, initialize: opentelemetry__proto__common__v1__array_value__init)
      array.pointee.values = pointers(to: anyValues(values), count: values.count)
      array.pointee.n_values = values.count
      message.value_case = OPENTELEMETRY__PROTO__COMMON__V1__ANY_VALUE__VALUE_ARRAY_VALUE
      message.array_value = array
    }
  }
}

/// A receiver's answer to spans: OpenTelemetry's `ExportTraceServiceResponse`.
public struct SpanExportReply: Sendable, Equatable {
  /// The number of spans that the receiver rejected.
  public let rejectedSpans: Int

  /// Reads an answer; an empty or unreadable answer rejects nothing.
  public init(wire bytes: ByteBuffer) {
    // The server reads only a number and a text of the answer.
    let arena = MessageArena(budget: 2 * bytes.readableBytes + 4096)
    let rejected = bytes.withUnsafeReadableBytes { raw in
      arena.withAllocator { allocator in
        opentelemetry__proto__collector__trace__v1__export_trace_service_response__unpack(
          allocator, raw.count, raw.bindMemory(to: UInt8.self).baseAddress
        )?.pointee.partial_success?.pointee.rejected_spans
      }
    }
    rejectedSpans = Int(rejected ?? 0)
  }
}
