import Metrics

/// Counts refusals by reason. The reasons for connections and for requests are series of one metric.
struct RefusalCounters<Reason: CaseIterable & Hashable & RawRepresentable<String> & Sendable>: Sendable {
  private let counters: [Reason: Counter]

  init(factory: any MetricsFactory) {
    let pairs = Reason.allCases.map { reason in
      let name = MetricDescription.refusals.name
      return (reason, Counter(label: name, dimensions: [("reason", reason.rawValue)], factory: factory))
    }
    counters = Dictionary(uniqueKeysWithValues: pairs)
  }

  func count(_ reason: Reason) {
    counters[reason]?.increment()
  }
}

extension MetricDescription {
  static let refusals = MetricDescription(
    "scimult_refusals_total", .counter, help: "Connections and requests turned away by a limit, a deadline or the stop."
  )
}
