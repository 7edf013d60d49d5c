import Telemetry

extension SpanStatistics {
  /// The numbers of exported and dropped spans; zeros if no spans are created.
  public var metrics: [MetricFamily] {
    [
      MetricFamily(
        "scimult_spans_exported_total", .counter, help: "Spans that a receiver has taken.", Double(exported)),
      MetricFamily(
        "scimult_spans_dropped_total", .counter,
        help: "Spans that were lost: the queue was full, or no receiver took them.", Double(dropped)),
    ]
  }
}
