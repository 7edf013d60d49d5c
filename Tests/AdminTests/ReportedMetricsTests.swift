import HTTP2
import NIOCore
import Testing

@testable import Admin
@testable import Batching

/// How connections and batches are counted.
@Suite struct ReportedMetricsTests {
  private let registry = PrometheusRegistry()

  private func has(_ line: String) -> Bool { registry.text.split(separator: "\n").contains { $0 == line } }

  @Test func connectionsComeAndGo() {
    let metrics = ConnectionMetrics(factory: registry)
    for event in [.opened, .opened, .closed, .refused(.connectionLimit), .opened] as [ConnectionEvent] {
      metrics.observe(event)
    }
    #expect(has("scimult_connections 2"))
    #expect(has("scimult_connections_total 3"))
    #expect(has("scimult_refusals_total{reason=\"connection_limit\"} 1"))
  }

  @Test func aBatchIsMeasuredInBaseUnits() {
    let metrics = BatchMetrics(factory: registry)
    metrics.observe(
      BatchReport(
        sequences: 3, tokens: 700, encodeTime: .milliseconds(4), queueWaits: [.microseconds(50), .seconds(2)]))
    #expect(has("scimult_batch_sequences_bucket{le=\"2\"} 0") && has("scimult_batch_sequences_bucket{le=\"4\"} 1"))
    #expect(has("scimult_batch_tokens_bucket{le=\"512\"} 0") && has("scimult_batch_tokens_bucket{le=\"1024\"} 1"))
    #expect(has("scimult_batch_tokens_sum 700"))
    #expect(has("scimult_encode_seconds_sum 0.004") && has("scimult_encode_seconds_count 1"))
    #expect(has("scimult_queue_wait_seconds_sum 2.00005") && has("scimult_queue_wait_seconds_count 2"))
    #expect(has("scimult_queue_wait_seconds_bucket{le=\"0.0001\"} 1"))
  }
}
