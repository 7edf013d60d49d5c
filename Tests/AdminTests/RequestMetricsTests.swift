import NIOCore
import Service
import Testing
import Transformer

@testable import Admin
@testable import GRPC

/// How requests are counted.
@Suite struct RequestMetricsTests {
  private let registry = PrometheusRegistry()
  private let router: Router
  private let metrics: RequestMetrics

  init() {
    router = Router(methods: ["/t.T/One": .unary { _ in }, "/t.T/Many": .stream { _ in }])
    metrics = RequestMetrics(router: router, topics: TaskTopics(EncodingTask.standard), factory: registry)
  }

  private func value(_ series: String) -> String? {
    registry.text.split(separator: "\n").first { $0.hasPrefix(series + " ") }?.split(separator: " ").last.map(
      String.init)
  }

  private func request(_ path: String, topic: Int = 0) -> RequestRecord {
    let request = RequestRecord(route: router.number(of: path), start: .now())
    if topic > 0 { request.note(topic: topic) }
    return request
  }

  @Test func aRequestIsInFlightFromItsBeginningToItsEnd() {
    let requests = [request("/t.T/One"), request("/t.T/Many")]
    for request in requests { metrics.requestBegan(request) }
    #expect(value("scimult_requests_in_flight") == "2")
    metrics.requestEnded(requests[0], .ok)
    #expect(value("scimult_requests_in_flight") == "1")
    metrics.requestEnded(requests[1], Status(.cancelled, ""))
    #expect(value("scimult_requests_in_flight") == "0")
    #expect(value("scimult_request_duration_seconds_count{method=\"One\"}") == "1")
  }

  @Test func outcomesAreCountedByMethodTaskAndStatus() {
    for topic in [3, 3, 1, 0, 99, -1] { metrics.requestEnded(request("/t.T/One", topic: topic), .ok) }
    metrics.requestEnded(request("/t.T/Many", topic: 2), Status(.invalidArgument, "x"))
    func count(_ method: String, _ task: String, _ status: String) -> String? {
      value("scimult_requests_total{method=\"\(method)\",task=\"\(task)\",status=\"\(status)\"}")
    }
    #expect(count("One", "search", "OK") == "2")
    #expect(count("One", "classification", "OK") == "1")
    #expect(count("One", "none", "OK") == "3")
    #expect(count("Many", "link_prediction", "INVALID_ARGUMENT") == "1")
    #expect(count("Many", "none", "OK") == nil)
  }

  @Test func unknownMethodsShareASeries() {
    for path in ["/t.T/Other", "", "/", "\"} 1\nx 2"] {
      metrics.requestEnded(RequestRecord(route: router.number(of: path)), Status(.unimplemented, "x"))
    }
    #expect(value("scimult_requests_total{method=\"unknown\",task=\"none\",status=\"UNIMPLEMENTED\"}") == "4")
    #expect(!registry.text.contains("Other"))
  }

  @Test func aRequestThatNeverBeganHasNoDurationAndWasNotInFlight() {
    metrics.requestEnded(
      RequestRecord(route: router.number(of: "/t.T/One")), Status(.deadlineExceeded, "x", refusal: .deadline))
    #expect(value("scimult_requests_in_flight") != "-1")
    #expect(value("scimult_request_duration_seconds_count{method=\"One\"}") == "0")
    #expect(value("scimult_refusals_total{reason=\"deadline\"}") == "1")
  }

  @Test func allReasonsExistFromTheStart() {
    for reason in Status.Refusal.allCases.map(\.rawValue) + NoCall.allCases.map(\.rawValue) {
      #expect(value("scimult_refusals_total{reason=\"\(reason)\"}") == "0")
    }
    metrics.requestWasNoCall(.notGRPC)
    metrics.requestEnded(request("/t.T/One"), Status(.resourceExhausted, "x", refusal: .queueFull))
    #expect(value("scimult_refusals_total{reason=\"not_grpc\"}") == "1")
    #expect(value("scimult_refusals_total{reason=\"queue_full\"}") == "1")
  }

  @Test func messagesAreCountedOnStreamsAlone() {
    for path in ["/t.T/One", "/t.T/Many"] {
      let request = request(path)
      metrics.requestBegan(request)
      metrics.requestWasReplied(request)
      metrics.requestWasReplied(request)
    }
    #expect(value("scimult_stream_messages_received_total{method=\"Many\"}") == "1")
    #expect(value("scimult_stream_messages_sent_total{method=\"Many\"}") == "2")
    #expect(value("scimult_stream_messages_sent_total{method=\"One\"}") == nil)
  }
}
