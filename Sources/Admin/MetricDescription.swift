/// What a metric is: what Prometheus is told of it beside its values.
public struct MetricDescription: Sendable {
  enum Kind: Sendable {
    /// Only grows, from 0 at the start.
    case counter
    /// Rises and falls.
    case gauge
    /// Observations, counted by their size.
    /// - Parameter upperBounds: of the buckets, ascending; the last bucket, without a bound, is not named.
    case histogram(upperBounds: [Double])

    /// Prometheus' word for it.
    var name: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  /// Of letters, digits and underscores, with its base unit behind; a counter's ends in `_total`.
  let name: String
  let kind: Kind
  /// One line.
  let help: String

  init(_ name: String, _ kind: Kind, help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }
}

extension MetricDescription.Kind {
  /// Seconds, from what the cache answers to what a long queue takes.
  static let seconds = histogram(upperBounds: [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ])

  /// 1, 2, 4 … 2ⁿ.
  static func powersOfTwo(upTo exponent: Int) -> Self {
    histogram(upperBounds: (0...exponent).map { Double(1 << $0) })
  }
}
