/// What runs: the labels of a metric that is always 1, to be joined with others.
public struct BuildInfo: Sendable {
  private let labels: [MetricLabel]

  /// - Parameters:
  ///   - kernels: the instruction set in use.
  ///   - model: what responses call the model.
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
