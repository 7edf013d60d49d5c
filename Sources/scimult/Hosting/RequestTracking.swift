import GRPC
import Logging
import Messages
import NIOCore
import ServiceLifecycle
import Telemetry

/// What follows requests in a running server: traces that are exported, and the log of requests.
struct RequestTracking {
  /// nil where no requests are followed.
  let follower: RequestTelemetry?
  private let exporter: SpanExporter?
  private let logWriter: LogWriter?

  /// The longest that the last spans may take to be exported when the server stops.
  private static let lastExport = Duration.seconds(5)

  /// - Parameters:
  ///   - traces: where spans go; nil where none are made.
  ///   - group: the loops that they are exported on.
  init(_ options: ServeCommand, traces: OTLPSettings?, router: Router, group: any EventLoopGroup, logger: Logger) {
    exporter = traces.map { SpanExporter(settings: $0, group: group, logger: logger) }
    // Asked for by an option of its own, whatever the level of the log.
    var requestLogger = Logger(label: "scimult.requests")
    requestLogger.logLevel = .info
    let writer = LogWriter(requestLogger)
    let log = RequestLog(options.requestLog, share: TraceShare(options.requestLogSample), writer: writer)
    logWriter = log == nil ? nil : writer
    guard exporter != nil || log != nil else {
      follower = nil
      return
    }
    let tracer = SpanTracer(sampler: traces?.sampler ?? .alwaysOff) { [exporter] in exporter?.add($0) }
    follower = RequestTelemetry(router: router, tracer: tracer, log: log)
  }

  var spanStatistics: SpanStatistics { exporter?.statistics ?? SpanStatistics() }
}

extension RequestTracking: ServiceLifecycle.Service {
  /// Exports until the server stops; then what is left, in bounded time.
  func run() async {
    await withTaskGroup(of: Void.self) { tasks in
      let exporter = exporter
      tasks.addTask { await exporter?.run() }
      try? await gracefulShutdown()
      exporter?.finish()
      tasks.addTask { try? await Task.sleep(for: Self.lastExport) }
      await tasks.next()
      tasks.cancelAll()
    }
    await logWriter?.flush()
  }
}
