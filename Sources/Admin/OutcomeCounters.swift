import GRPC
import Metrics
import Service
import Synchronization

/// Counts the requests of a method by topic and status.
final class OutcomeCounters: Sendable {
  private struct Outcome: Hashable {
    let topic: Int
    let code: Status.Code
  }

  private let method: String
  private let topics: TaskTopics
  private let factory: any MetricsFactory
  /// Created at the first use, because most are never used.
  private let counters = Mutex<[Outcome: Counter]>([:])

  init(method: String, topics: TaskTopics, factory: any MetricsFactory) {
    self.method = method
    self.topics = topics
    self.factory = factory
  }

  func count(topic: Int, _ code: Status.Code) {
    let outcome = Outcome(topic: topic, code: code)
    let counter = counters.withLock { counters in
      if let known = counters[outcome] { return known }
      let new = makeCounter(outcome)
      counters[outcome] = new
      return new
    }
    counter.increment()
  }

  private func makeCounter(_ outcome: Outcome) -> Counter {
    return Counter(
      label: Self.requests.name,
      dimensions: [
        ("method", method), ("task", topics[outcome.topic]?.rawValue ?? "none"), ("status", outcome.code.name),
      ],
      factory: factory)
  }

  static let requests = MetricDescription(
    "scimult_requests_total", .counter, help: "Requests that have ended, by method, task and status.")
}
