import GRPC
import NIOCore
import Service
import Synchronization
import Tracing

/// Records the stages of a request. At its end, it creates the spans and a line in the request log.
final class FollowedRequest: RequestTrail {
  /// nil after the request has ended.
  private let notes: Mutex<RequestNotes?>
  private let span: RecordedSpan
  private let clock: TraceClock
  private let topics: TaskTopics
  private let tracer: SpanTracer
  private let log: RequestLog?

  init(
    _ notes: RequestNotes, span: RecordedSpan, clock: TraceClock, topics: TaskTopics, tracer: SpanTracer,
    log: RequestLog?
  ) {
    self.notes = Mutex(notes)
    self.span = span
    self.clock = clock
    self.topics = topics
    self.tracer = tracer
    self.log = log
  }

  func reached(_ stage: RequestStage, at time: NIODeadline) {
    change { notes in
      if notes.outcome == nil { notes[stage] = time }
    }
  }

  func note(requestID: String) {
    guard let identifier = RequestNotes.identifier(requestID) else { return }
    change { $0.requestID = identifier }
  }

  func note(texts: Int, tokens: Int) {
    change { ($0.texts, $0.tokens) = (texts, tokens) }
  }

  func note(encodedTexts: Int) {
    change { $0.encodedTexts = encodedTexts }
  }

  func ended(_ status: Status, topic: Int) {
    let task = topics[topic]
    change { $0.outcome = RequestNotes.Outcome(code: status.code, task: task, time: .now()) }
  }

  func left() {
    guard let notes = notes.withLock({ $0.take() }) else { return }
    let departure = NIODeadline.now()
    if span.isRecording { endSpans(notes, at: departure) }
    log?.add(notes, span.position, departure: departure)
  }

  private func change(_ body: (inout RequestNotes) -> Void) {
    notes.withLock { notes in
      guard var changed = notes.take() else { return }
      body(&changed)
      notes = changed
    }
  }

  private func endSpans(_ notes: RequestNotes, at departure: NIODeadline) {
    for part in notes.parts(until: departure) {
      let child = tracer.startSpan(part.name, context: span.context, at: clock.instant(part.start))
      child.end(at: clock.instant(part.end))
    }
    span.attributes = notes.attributes
    if notes.outcome?.code.isServersFault == true { span.setStatus(SpanStatus(code: .error)) }
    span.end(at: clock.instant(departure))
  }
}

extension RequestNotes {
  /// The attributes of OpenTelemetry's conventions for RPC, and the server's own.
  fileprivate var attributes: SpanAttributes {
    var attributes: SpanAttributes = ["rpc.system": "grpc", "rpc.method": .string(method.method)]
    attributes["rpc.service"] = method.service
    attributes["rpc.grpc.status_code"] = outcome.map { Int64($0.code.rawValue) }
    attributes["network.peer.address"] = peer?.peerAddress
    attributes["network.peer.port"] = peer?.port
    attributes["scimult.request_id"] = requestID
    attributes["scimult.task"] = outcome?.task?.rawValue
    attributes["scimult.texts"] = texts
    attributes["scimult.tokens"] = tokens
    attributes["scimult.cached_texts"] = texts.map { $0 - encodedTexts }
    return attributes
  }
}

extension Status.Code {
  /// Whether OpenTelemetry's conventions classify the status as a server error.
  fileprivate var isServersFault: Bool {
    switch self {
    case .deadlineExceeded, .unimplemented, .internal, .unavailable: true
    default: false
    }
  }
}
