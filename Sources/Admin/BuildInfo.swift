/// The build and the model that run: labels of a metric that is always 1, for joins with other metrics.
public struct BuildInfo: Sendable {
  private let labels: [MetricLabel]

  /// - Parameters:
  ///   - kernels: the instruction set in use.
  ///   - model: the model's name in responses.
  public init(version: String, precision: String, kernels: String, model: String) {
    labels = [("version", version), ("precision", precision), ("kernels", kernels), ("model", model)]
      .map { MetricLabel(name: $0, value: $1) }
  }

  public var metrics: [MetricFamily] {
    [
      MetricFamily(
        MetricDescription(
          "scimult_build_info", .gauge, help: "1; the labels say which server serves which model, and how."),
        [MetricSample(labels: labels, value: 1)])
    ]
  }
}
