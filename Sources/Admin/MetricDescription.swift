/// The description of a metric that Prometheus gets in addition to its values.
public struct MetricDescription: Sendable {
  enum Kind: Sendable {
    /// A value that only increases, from 0 at the start.
    case counter
    /// A value that increases and decreases.
    case gauge
    /// Observations, counted by size.
    /// - Parameter upperBounds: the bounds of the buckets, ascending, without the last bucket, which has no bound.
    case histogram(upperBounds: [Double])

    /// The name of the kind in Prometheus.
    var name: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  /// Letters, digits and underscores, with the base unit at the end; a counter's name ends in `_total`.
  let name: String
  let kind: Kind
  /// One line of help text.
  let help: String

  init(_ name: String, _ kind: Kind, help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }
}

extension MetricDescription.Kind {
  /// Buckets in seconds, from an answer of the cache to the wait in a long queue.
  static let seconds = histogram(upperBounds: [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ])

  /// 1, 2, 4 … 2ⁿ.
  static func powersOfTwo(upTo exponent: Int) -> Self {
    histogram(upperBounds: (0...exponent).map { Double(1 << $0) })
  }
}
