import Dispatch
import Metrics
import Testing

@testable import Admin

/// How swift-metrics' instruments are exported to Prometheus.
@Suite struct PrometheusRegistryTests {
  private let registry = PrometheusRegistry([
    MetricDescription("jobs_total", .counter, help: "Jobs."),
    MetricDescription("open", .gauge, help: "What is open."),
    MetricDescription("wait_seconds", .histogram(upperBounds: [0.5, 2]), help: "Waits."),
  ])

  /// The lines of one metric, without its description.
  private func samples(_ name: String) -> [Substring] {
    registry.text.split(separator: "\n").filter { $0.hasPrefix(name) }
  }

  @Test func unusedMetricsAreDescribed() {
    #expect(
      registry.text == """
        # HELP jobs_total Jobs.
        # TYPE jobs_total counter
        # HELP open What is open.
        # TYPE open gauge
        # HELP wait_seconds Waits.
        # TYPE wait_seconds histogram

        """)
  }

  @Test func twoEqualInstrumentsShareASeries() {
    for _ in 0..<2 { Counter(label: "jobs_total", dimensions: [("kind", "a")], factory: registry).increment(by: 3) }
    Counter(label: "jobs_total", dimensions: [("kind", "b")], factory: registry).increment()
    #expect(samples("jobs_total") == ["jobs_total{kind=\"a\"} 6", "jobs_total{kind=\"b\"} 1"])
  }

  @Test func aGaugeRisesAndFalls() {
    let meter = Meter(label: "open", factory: registry)
    meter.increment(by: 5)
    meter.decrement()
    #expect(samples("open") == ["open 4"])
    meter.set(0.25)
    #expect(samples("open") == ["open 0.25"])
    Gauge(label: "open", factory: registry).record(7)
    #expect(samples("open") == ["open 7"])
  }

  @Test func bucketsHoldTheSmallerOnesTooAndBoundsBelongToThem() {
    let timer = Timer(label: "wait_seconds", dimensions: [("method", "m")], factory: registry)
    for nanoseconds in [250_000_000, 500_000_000, 750_000_000, 3_000_000_000] {
      timer.recordNanoseconds(Int64(nanoseconds))
    }
    #expect(
      samples("wait_seconds") == [
        "wait_seconds_bucket{method=\"m\",le=\"0.5\"} 2", "wait_seconds_bucket{method=\"m\",le=\"2\"} 3",
        "wait_seconds_bucket{method=\"m\",le=\"+Inf\"} 4", "wait_seconds_sum{method=\"m\"} 4.5",
        "wait_seconds_count{method=\"m\"} 4",
      ])
    Recorder(label: "wait_seconds", factory: registry).record(1)
    #expect(samples("wait_seconds_sum").contains("wait_seconds_sum 1"))
  }

  @Test func undescribedMetricsAreNotKept() {
    let before = registry.text
    Counter(label: "other_total", factory: registry).increment()
    Counter(label: "open", factory: registry).increment()
    Meter(label: "jobs_total", factory: registry).set(4)
    Timer(label: "jobs_total", factory: registry).recordSeconds(4)
    Recorder(label: "open", factory: registry).record(4)
    #expect(registry.text == before)
  }

  @Test func aSeriesDoesNotAcceptAnotherKind() {
    Meter(label: "open", dimensions: [("a", "b")], factory: registry).set(2)
    Recorder(label: "open", dimensions: [("a", "b")], factory: registry).record(9)
    #expect(samples("open") == ["open{a=\"b\"} 2"])
  }

  @Test func whatIsReadAtEachRequestFollows() {
    registry.add {
      [
        MetricFamily(
          MetricDescription("info", .gauge, help: "Two\nlines \\ \"quoted\"."),
          [MetricSample(labels: [MetricLabel(name: "model", value: "a\"b\\c\nd")], value: 1)]),
        MetricFamily("large_bytes", .gauge, help: "Large.", 1e15),
      ]
    }
    #expect(
      registry.text.hasSuffix(
        """
        # HELP info Two\\nlines \\\\ "quoted".
        # TYPE info gauge
        info{model="a\\"b\\\\c\\nd"} 1
        # HELP large_bytes Large.
        # TYPE large_bytes gauge
        large_bytes 1000000000000000

        """))
  }

  @Test(arguments: [(0.1, "0.1"), (3, "3"), (-2, "-2"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN")])
  func numbersAreWrittenAsPrometheusReadsThem(value: Double, text: String) {
    #expect(PrometheusText.render(value) == text)
  }

  @Test func concurrentUpdatesAreNotLost() {
    DispatchQueue.concurrentPerform(iterations: 8) { index in
      let counter = Counter(label: "jobs_total", factory: registry)
      let timer = Timer(label: "wait_seconds", factory: registry)
      let meter = Meter(label: "open", factory: registry)
      for _ in 0..<1_000 {
        counter.increment()
        timer.recordNanoseconds(1_000_000_000)
        if index.isMultiple(of: 2) { meter.increment() } else { meter.decrement() }
      }
    }
    #expect(samples("jobs_total") == ["jobs_total 8000"])
    #expect(samples("wait_seconds_sum") == ["wait_seconds_sum 8000"])
    #expect(samples("open") == ["open 0"])
  }
}
