/// A label of a series. Its value is one of a few that are known beforehand, never a client's text.
struct MetricLabel: Hashable, Sendable {
  let name: String
  let value: String
}

/// One number of a metric.
struct MetricSample: Sendable, Equatable {
  /// What a histogram's numbers have behind the metric's name.
  var suffix = ""
  var labels: [MetricLabel] = []
  let value: Double
}

/// A metric with all its numbers, as they are at one moment.
public struct MetricFamily: Sendable {
  let description: MetricDescription
  let samples: [MetricSample]

  init(_ description: MetricDescription, _ samples: [MetricSample]) {
    self.description = description
    self.samples = samples
  }

  /// A metric of one series without labels; of none where the value is nil.
  init(_ name: String, _ kind: MetricDescription.Kind, help: String, _ value: Double?) {
    self.init(MetricDescription(name, kind, help: help), value.map { [MetricSample(value: $0)] } ?? [])
  }
}
