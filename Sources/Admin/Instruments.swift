import Metrics
import Synchronization

/// The values of one series.
protocol Instrument: AnyObject, Sendable {
  /// The current values, without the series' labels.
  var samples: [MetricSample] { get }
}

final class CounterInstrument: Instrument, CounterHandler {
  private let count = Atomic<Int64>(0)

  var samples: [MetricSample] { [MetricSample(value: Double(count.load(ordering: .relaxed)))] }

  func increment(by amount: Int64) {
    count.wrappingAdd(amount, ordering: .relaxed)
  }

  func reset() {
    count.store(0, ordering: .relaxed)
  }
}

final class GaugeInstrument: Instrument, MeterHandler, RecorderHandler {
  private let value = Mutex(0.0)

  var samples: [MetricSample] { [MetricSample(value: value.withLock(\.self))] }

  func set(_ new: Int64) { set(Double(new)) }

  func set(_ new: Double) { value.withLock { $0 = new } }

  func increment(by amount: Double) { value.withLock { $0 += amount } }

  func decrement(by amount: Double) { increment(by: -amount) }

  // In swift-metrics, a gauge is a recorder that keeps the last value.

  func record(_ new: Int64) { set(new) }

  func record(_ new: Double) { set(new) }
}

/// Counts observations by size. Durations are in seconds.
final class HistogramInstrument: Instrument, RecorderHandler, TimerHandler {
  private struct State {
    /// The count of each bucket alone, without smaller ones. The last bucket has no bound.
    var counts: [Int]
    var sum = 0.0
  }

  private let upperBounds: [Double]
  private let state: Mutex<State>

  /// - Parameter upperBounds: ascending.
  init(upperBounds: [Double]) {
    self.upperBounds = upperBounds
    state = Mutex(State(counts: [Int](repeating: 0, count: upperBounds.count + 1)))
  }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    let bucket = upperBounds.firstIndex { value <= $0 } ?? upperBounds.count
    state.withLock { state in
      state.counts[bucket] += 1
      state.sum += value
    }
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

  /// In Prometheus, a bucket includes the counts of all smaller buckets.
  var samples: [MetricSample] {
    let state = state.withLock(\.self)
    var total = 0
    let buckets = zip(upperBounds + [.infinity], state.counts).map { bound, count in
      total += count
      return MetricSample(
        suffix: "_bucket", labels: [MetricLabel(name: "le", value: PrometheusText.render(bound))],
        value: Double(total))
    }
    return buckets + [
      MetricSample(suffix: "_sum", value: state.sum), MetricSample(suffix: "_count", value: Double(total)),
    ]
  }
}
