/// A label of a series. Its value is one of a small, fixed set, never a client's text.
struct MetricLabel: Hashable, Sendable {
  let name: String
  let value: String
}

/// One value of a metric.
struct MetricSample: Sendable, Equatable {
  /// The suffix of a histogram's values, after the metric's name.
  var suffix = ""
  var labels: [MetricLabel] = []
  let value: Double
}

/// A metric with all its values at one moment.
public struct MetricFamily: Sendable {
  let description: MetricDescription
  let samples: [MetricSample]

  init(_ description: MetricDescription, _ samples: [MetricSample]) {
    self.description = description
    self.samples = samples
  }

  /// Creates a metric with one series without labels; with no series if the value is nil.
  init(_ name: String, _ kind: MetricDescription.Kind, help: String, _ value: Double?) {
    self.init(MetricDescription(name, kind, help: help), value.map { [MetricSample(value: $0)] } ?? [])
  }
}
