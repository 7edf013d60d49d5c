import Messages

/// The settings of the span export, from OpenTelemetry's environment variables.
public struct OTLPSettings: Sendable {
  /// The destination of posts.
  let receiver: ReceiverAddress
  /// Additional header fields of each post.
  public let headers: [(name: String, value: String)]
  /// The maximum duration of a post.
  public let timeout: Duration
  public let sampler: Sampler
  /// The attributes that identify the server.
  public let resource: [String: AttributeValue]
  /// The server's version.
  public let version: String
  /// The maximum number of spans in the queue.
  public let queueCapacity: Int
  /// The maximum number of spans in a post.
  public let batchSize: Int
  /// The maximum time before a span is posted.
  public let delay: Duration

  /// - Parameter version: the server's version.
  /// - Returns: nil if no spans are to be exported.
  /// - Throws: ``OTLPVariableError`` for a value that the server cannot honour.
  public init?(environment: [String: String], version: String) throws(OTLPVariableError) {
    let variables = OTLPVariables(environment)
    guard try !variables.flag("OTEL_SDK_DISABLED"), let receiver = try Self.receiver(variables) else { return nil }
    switch variables["OTEL_TRACES_EXPORTER"] {
    case "none": return nil
    case nil, "otlp": break
    case let name?: throw OTLPVariableError("OTEL_TRACES_EXPORTER", name, "it may be otlp or none")
    }
    try variables.check("PROTOCOL", is: "http/protobuf")
    try variables.check("COMPRESSION", is: "none")
    self.receiver = receiver
    self.version = version
    headers = try variables.pairs(variables.exporterName("HEADERS"))
    timeout = try variables.milliseconds(variables.exporterName("TIMEOUT"), 10_000)
    sampler = try Self.sampler(variables)
    resource = try Self.resource(variables, version: version)
    queueCapacity = try variables.number("OTEL_BSP_MAX_QUEUE_SIZE", 2_048)
    batchSize = try variables.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", min(512, queueCapacity))
    delay = try variables.milliseconds("OTEL_BSP_SCHEDULE_DELAY", 5_000)
    guard batchSize <= queueCapacity else {
      throw OTLPVariableError(
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "\(batchSize)", "the queue holds \(queueCapacity) (OTEL_BSP_MAX_QUEUE_SIZE)")
    }
  }

  private static func receiver(_ variables: OTLPVariables) throws(OTLPVariableError) -> ReceiverAddress? {
    let own = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
    let shared = "OTEL_EXPORTER_OTLP_ENDPOINT"
    let name = variables[own] == nil ? shared : own
    guard let text = variables[name] else { return nil }
    let scheme = ["http://", "https://"].first { text.lowercased().hasPrefix($0) }
    let url = name == own ? text : (text.hasSuffix("/") ? String(text.dropLast()) : text) + "/v1/traces"
    guard let scheme, text.allSatisfy({ $0.isASCII && !$0.isWhitespace }), hasHost(text.dropFirst(scheme.count)),
      let receiver = ReceiverAddress(url: url)
    else { throw OTLPVariableError(name, text, "it may be http://HOST:PORT or https://HOST:PORT") }
    return receiver
  }

  /// - Parameter rest: the part of the URL after the scheme.
  /// - Returns: whether `rest` begins with `HOST`, `HOST:PORT` or an IPv6 address in brackets.
  private static func hasHost(_ rest: Substring) -> Bool {
    var authority = rest.prefix { !"/?#".contains($0) }
    if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
    let closing = authority.lastIndex(of: "]")
    let hostEnd = closing.map { authority.index(after: $0) } ?? authority.firstIndex(of: ":") ?? authority.endIndex
    guard hostEnd > authority.startIndex, authority.hasPrefix("[") == (closing != nil) else { return false }
    let port = authority[hostEnd...]
    return port.isEmpty || (port.hasPrefix(":") && UInt16(port.dropFirst()).map { $0 > 0 } ?? false)
  }

  private static func sampler(_ variables: OTLPVariables) throws(OTLPVariableError) -> Sampler {
    let share = try variables.share("OTEL_TRACES_SAMPLER_ARG", 1)
    switch variables["OTEL_TRACES_SAMPLER"] {
    case "always_on": return .alwaysOn
    case "always_off": return .alwaysOff
    case "traceidratio": return .share(TraceShare(share))
    case nil, "parentbased_always_on": return .parentBased(root: .alwaysOn)
    case "parentbased_always_off": return .parentBased(root: .alwaysOff)
    case "parentbased_traceidratio": return .parentBased(root: .share(TraceShare(share)))
    case let name?:
      throw OTLPVariableError(
        "OTEL_TRACES_SAMPLER", name,
        "it may be always_on, always_off or traceidratio, each also with parentbased_ before")
    }
  }

  private static func resource(
    _ variables: OTLPVariables, version: String
  ) throws(OTLPVariableError) -> [String: AttributeValue] {
    var resource: [String: AttributeValue] = [
      "service.name": .string("scimult"), "service.version": .string(version),
      "telemetry.sdk.name": .string("scimult"), "telemetry.sdk.language": .string("swift"),
      "telemetry.sdk.version": .string(version),
    ]
    for (name, value) in try variables.pairs("OTEL_RESOURCE_ATTRIBUTES") { resource[name] = .string(value) }
    if let name = variables["OTEL_SERVICE_NAME"] { resource["service.name"] = .string(name) }
    return resource
  }
}
