import GRPC
import Metrics
import NIOCore
import Service

/// Counts and times requests.
public final class RequestMetrics: RequestObserver {
  private struct Method {
    let outcomes: OutcomeCounters
    let duration: Timer
    /// The messages of a streaming method.
    let received: Counter?
    let sent: Counter?
  }

  /// By the router's route numbers.
  private let methods: [Method]
  /// The requests for paths that are not methods.
  private let unknown: OutcomeCounters
  private let inFlight: Meter
  private let refusals: RefusalCounters<Status.Refusal>
  private let noCalls: RefusalCounters<NoCall>

  /// - Parameters:
  ///   - router: the source of the methods.
  ///   - topics: the topics of the tasks that the server serves.
  public init(router: Router, topics: TaskTopics, factory: any MetricsFactory) {
    methods = router.routes.map { route in
      let name = route.path.split(separator: "/").last.map(String.init) ?? route.path
      return Self.method(name, isStreaming: route.method.isStreaming, topics, factory)
    }
    unknown = OutcomeCounters(method: "unknown", topics: topics, factory: factory)
    inFlight = Meter(label: Self.inFlight.name, factory: factory)
    refusals = RefusalCounters(factory: factory)
    noCalls = RefusalCounters(factory: factory)
  }

  private static func method(
    _ name: String, isStreaming: Bool, _ topics: TaskTopics, _ factory: any MetricsFactory
  ) -> Method {
    let labels = [("method", name)]
    func messages(_ description: MetricDescription) -> Counter? {
      isStreaming ? Counter(label: description.name, dimensions: labels, factory: factory) : nil
    }
    return Method(
      outcomes: OutcomeCounters(method: name, topics: topics, factory: factory),
      duration: Timer(label: duration.name, dimensions: labels, factory: factory),
      received: messages(received), sent: messages(sent))
  }

  public func requestBegan(_ request: RequestRecord) {
    inFlight.increment()
    method(of: request)?.received?.increment()
  }

  public func requestWasReplied(_ request: RequestRecord) {
    method(of: request)?.sent?.increment()
  }

  public func requestEnded(_ request: RequestRecord, _ status: Status) {
    let method = method(of: request)
    (method?.outcomes ?? unknown).count(topic: request.topic, status.code)
    if let refusal = status.refusal { refusals.count(refusal) }
    guard let start = request.start else { return }
    inFlight.decrement()
    method?.duration.recordNanoseconds((.now() - start).nanoseconds)
  }

  public func requestWasNoCall(_ reason: NoCall) {
    noCalls.count(reason)
  }

  private func method(of request: RequestRecord) -> Method? { request.route.map { methods[$0] } }

  private static let duration = MetricDescription(
    "scimult_request_duration_seconds", .seconds, help: "Time from a request's complete message to its end.")
  private static let received = MetricDescription(
    "scimult_stream_messages_received_total", .counter, help: "Messages of clients on streams.")
  private static let sent = MetricDescription(
    "scimult_stream_messages_sent_total", .counter, help: "Messages to clients on streams.")
  private static let inFlight = MetricDescription(
    "scimult_requests_in_flight", .gauge, help: "Requests whose message is complete and that have not ended.")

  static let descriptions = [OutcomeCounters.requests, duration, received, sent, inFlight]
}
