import Metrics
import Synchronization

/// The implementation of swift-metrics' instruments, which reports their values to Prometheus.
///
/// swift-metrics has neither help texts nor buckets, so metrics are described in advance. An instrument without a
/// description, or with a description of another kind, records nothing.
public final class PrometheusRegistry: MetricsFactory {
  /// Returns metrics that are read at each request instead of counted as events happen.
  public typealias Collector = @Sendable () -> [MetricFamily]

  private typealias Series = [[MetricLabel]: any Instrument]

  private let descriptions: [MetricDescription]
  private let kinds: [String: MetricDescription.Kind]
  private let series = Mutex<[String: Series]>([:])
  private let collectors = Mutex<[Collector]>([])

  /// Creates a registry for all metrics that a server counts as events happen.
  public convenience init() {
    self.init(
      RequestMetrics.descriptions + [.refusals] + ConnectionMetrics.descriptions + BatchMetrics.descriptions)
  }

  init(_ descriptions: [MetricDescription]) {
    self.descriptions = descriptions
    kinds = Dictionary(uniqueKeysWithValues: descriptions.map { ($0.name, $0.kind) })
  }

  /// Adds metrics that are read at each request.
  public func add(_ collector: @escaping Collector) {
    collectors.withLock { $0.append(collector) }
  }

  /// All metrics in Prometheus' text format.
  public var text: String {
    let series = series.withLock(\.self)
    let counted = descriptions.map { Self.family($0, series[$0.name] ?? [:]) }
    return PrometheusText.render(counted + collectors.withLock(\.self).flatMap { $0() })
  }

  private static func family(_ description: MetricDescription, _ series: Series) -> MetricFamily {
    let ordered = series.sorted { $0.key.map(\.value).lexicographicallyPrecedes($1.key.map(\.value)) }
    return MetricFamily(
      description,
      ordered.flatMap { labels, instrument in
        instrument.samples.map { MetricSample(suffix: $0.suffix, labels: labels + $0.labels, value: $0.value) }
      })
  }

  /// The instrument of a series, created at its first use; nil if the metric is unknown or of another kind.
  private func instrument<Kept: Instrument>(
    _ name: String, _ dimensions: [(String, String)], make: (MetricDescription.Kind) -> Kept?
  ) -> Kept? {
    guard let kind = kinds[name], let new = make(kind) else { return nil }
    let labels = dimensions.map { MetricLabel(name: $0, value: $1) }
    return series.withLock { series in
      if let known = series[name]?[labels] { return known as? Kept }
      series[name, default: [:]][labels] = new
      return new
    }
  }

  private func histogram(_ name: String, _ dimensions: [(String, String)]) -> HistogramInstrument? {
    instrument(name, dimensions) { kind in
      if case .histogram(let bounds) = kind { HistogramInstrument(upperBounds: bounds) } else { nil }
    }
  }

  private func gauge(_ name: String, _ dimensions: [(String, String)]) -> GaugeInstrument? {
    instrument(name, dimensions) { kind in
      if case .gauge = kind { GaugeInstrument() } else { nil }
    }
  }

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    let counter: CounterInstrument? = instrument(label, dimensions) { kind in
      if case .counter = kind { CounterInstrument() } else { nil }
    }
    return counter ?? NOOPMetricsHandler.instance
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    gauge(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    let recorder: (any RecorderHandler)? =
      aggregate ? histogram(label, dimensions) : gauge(label, dimensions)
    return recorder ?? NOOPMetricsHandler.instance
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    histogram(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  // Series are never removed: to Prometheus, a series that disappears and returns looks like a restarted server.

  public func destroyCounter(_ handler: any CounterHandler) {}
  public func destroyMeter(_ handler: any MeterHandler) {}
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  public func destroyTimer(_ handler: any TimerHandler) {}
}
