/// A span for export: OpenTelemetry's `Span`.
public struct SpanRecord: Sendable, Equatable {
  /// The kind of a span, with the numbers of `Span.SpanKind`.
  public enum Kind: UInt32, Sendable {
    case `internal` = 1
    case server, client, producer, consumer
  }

  /// An event at one moment of the span.
  public struct Event: Sendable, Equatable {
    public var name: String
    /// Nanoseconds since 1970.
    public var time: UInt64
    public var attributes: [String: AttributeValue]

    public init(name: String, time: UInt64, attributes: [String: AttributeValue] = [:]) {
      self.name = name
      self.time = time
      self.attributes = attributes
    }
  }

  /// A link to another span.
  public struct Link: Sendable, Equatable {
    public var position: SpanPosition
    public var attributes: [String: AttributeValue]

    public init(position: SpanPosition, attributes: [String: AttributeValue] = [:]) {
      self.position = position
      self.attributes = attributes
    }
  }

  public enum Status: Sendable, Equatable {
    case unset, ok
    case error(message: String)
  }

  public var position: SpanPosition
  /// nil for the first span of a trace.
  public var parent: SpanID?
  /// Whether the parent is a span of another process; nil if there is no parent.
  public var parentIsRemote: Bool?
  public var name: String
  public var kind: Kind
  /// Nanoseconds since 1970.
  public var start: UInt64
  public var end: UInt64
  public var attributes: [String: AttributeValue]
  public var events: [Event]
  public var links: [Link]
  public var status: Status

  public init(
    position: SpanPosition, parent: SpanID? = nil, parentIsRemote: Bool? = nil, name: String, kind: Kind = .internal,
    start: UInt64, end: UInt64, attributes: [String: AttributeValue] = [:], events: [Event] = [], links: [Link] = [],
    status: Status = .unset
  ) {
    self.position = position
    self.parent = parent
    self.parentIsRemote = parentIsRemote
    self.name = name
    self.kind = kind
    self.start = start
    self.end = end
    self.attributes = attributes
    self.events = events
    self.links = links
    self.status = status
  }
}

/// The id of a trace: 128 bits, not all zero.
public struct TraceID: Hashable, Sendable {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// The id of a span in its trace: not zero.
public struct SpanID: Hashable, Sendable {
  public let value: UInt64

  public init(_ value: UInt64) {
    self.value = value
  }
}

/// The identity of a span, by which links and children refer to it.
public struct SpanPosition: Sendable, Equatable {
  public var trace: TraceID
  public var span: SpanID
  /// W3C's trace flags.
  public var flags: UInt8
  /// W3C's `tracestate`; empty if there is none.
  public var state: String

  public init(trace: TraceID, span: SpanID, flags: UInt8, state: String = "") {
    self.trace = trace
    self.span = span
    self.flags = flags
    self.state = state
  }
}

/// The value of an attribute.
public enum AttributeValue: Sendable, Equatable {
  case string(String)
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case array([AttributeValue])
}

/// Spans and their source: OpenTelemetry's `ExportTraceServiceRequest`.
public struct SpanExport: Sendable {
  /// Attributes of the server.
  public var resource: [String: AttributeValue]
  /// The library that made the spans, and its version.
  public var scope: (name: String, version: String)
  public var spans: [SpanRecord]

  public init(resource: [String: AttributeValue], scope: (name: String, version: String), spans: [SpanRecord]) {
    self.resource = resource
    self.scope = scope
    self.spans = spans
  }
}
