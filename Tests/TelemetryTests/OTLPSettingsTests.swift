import Messages
import Testing

@testable import Telemetry

/// OpenTelemetry's variables.
@Suite struct OTLPSettingsTests {
  private static let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://receiver:4318"]

  private func settings(_ variables: [String: String]) throws -> OTLPSettings? {
    try OTLPSettings(environment: Self.endpoint.merging(variables) { $1 }, version: "1.2.3")
  }

  @Test func withoutAnEndpointNothingIsExported() throws {
    #expect(try OTLPSettings(environment: [:], version: "1") == nil)
    #expect(try OTLPSettings(environment: ["OTEL_TRACES_SAMPLER": "always_on"], version: "1") == nil)
    #expect(try settings(["OTEL_EXPORTER_OTLP_ENDPOINT": ""]) == nil, "what is empty is not set")
    #expect(try settings(["OTEL_SDK_DISABLED": "True"]) == nil)
    #expect(try settings(["OTEL_TRACES_EXPORTER": "none"]) == nil)
  }

  @Test func theDefaultsAreOpenTelemetrys() throws {
    let settings = try #require(try settings([:]))
    #expect(settings.receiver == ReceiverAddress(url: "http://receiver:4318/v1/traces"))
    #expect(settings.headers.isEmpty)
    #expect(settings.timeout == .seconds(10))
    #expect(settings.sampler == .parentBased(root: .alwaysOn))
    #expect((settings.queueCapacity, settings.batchSize) == (2_048, 512))
    #expect(settings.delay == .seconds(5))
    #expect(settings.resource["service.name"] == .string("scimult"))
    #expect(settings.resource["service.version"] == .string("1.2.3"))
  }

  @Test func theEndpointForTracesIsTakenAsItIs() throws {
    let own = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
    #expect(try settings([own: "https://other/traces/"])?.receiver.target == "/traces/")
    #expect(try settings(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a/b/"])?.receiver.target == "/b/v1/traces")
  }

  @Test func headersAndAttributesArePairs() throws {
    let settings = try #require(
      try settings([
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b, x = y=z ",
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=ignored,deployment.environment.name=test%2C1",
        "OTEL_SERVICE_NAME": "mine",
      ]))
    #expect(settings.headers.map(\.name) == ["api-key", "x"])
    #expect(settings.headers.map(\.value) == ["a b", "y=z"])
    #expect(settings.resource["service.name"] == .string("mine"))
    #expect(settings.resource["deployment.environment.name"] == .string("test,1"))
  }

  @Test func variablesForTracesHavePrecedence() throws {
    let settings = try #require(
      try settings([
        "OTEL_EXPORTER_OTLP_HEADERS": "a=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b=2",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "2000",
      ]))
    #expect(settings.headers.map(\.name) == ["b"])
    #expect(settings.timeout == .seconds(2))
  }

  @Test(arguments: [
    ("always_on", Sampler.alwaysOn), ("always_off", .alwaysOff), ("traceidratio", .share(TraceShare(0.25))),
    ("parentbased_always_on", .parentBased(root: .alwaysOn)),
    ("parentbased_always_off", .parentBased(root: .alwaysOff)),
    ("parentbased_traceidratio", .parentBased(root: .share(TraceShare(0.25)))),
  ])
  func samplersHaveTheirNames(_ name: String, _ sampler: Sampler) throws {
    let variables = ["OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": "0.25"]
    #expect(try settings(variables)?.sampler == sampler)
  }

  @Test(arguments: [
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
    ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "receiver:4318"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a b"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:99999"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://:4318"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "secret"), ("OTEL_EXPORTER_OTLP_HEADERS", "=secret"),
    ("OTEL_TRACES_SAMPLER", "sometimes"), ("OTEL_TRACES_SAMPLER_ARG", "1.5"), ("OTEL_TRACES_SAMPLER_ARG", "nan"),
    ("OTEL_SDK_DISABLED", "yes"), ("OTEL_TRACES_EXPORTER", "zipkin"), ("OTEL_BSP_SCHEDULE_DELAY", "0"),
    ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4096"), ("OTEL_BSP_MAX_QUEUE_SIZE", "many"),
  ])
  func whatCannotBeHonouredIsRefusedByName(_ name: String, _ value: String) {
    #expect {
      _ = try settings([name: value])
    } throws: { error in
      let text = "\(error)"
      return text.hasPrefix(name) && !text.contains("secret") && !text.contains("\n")
    }
  }

  @Test func aProtocolThatIsKnownMayBeNamed() throws {
    #expect(try settings(["OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"]) != nil)
    #expect(try settings(["OTEL_EXPORTER_OTLP_COMPRESSION": "none"]) != nil)
  }
}
