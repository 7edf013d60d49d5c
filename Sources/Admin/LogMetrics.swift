/// Metrics of the log's lines.
public struct LogMetrics: Sendable {
  private let lostLines: Int

  /// - Parameter lostLines: the number of lines ever dropped.
  public init(lostLines: Int) {
    self.lostLines = lostLines
  }

  /// The metrics for `/metrics`.
  public var metrics: [MetricFamily] {
    [
      MetricFamily(
        "scimult_log_lines_dropped_total", .counter,
        help: "Lines of the log that were lost: they are read too slowly, or cannot be written.", Double(lostLines))
    ]
  }
}
