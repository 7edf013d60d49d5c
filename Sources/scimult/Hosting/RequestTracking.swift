import GRPC
import Logging
import Messages
import NIOCore
import Service
import Telemetry

/// What follows requests in a running server: traces that are exported, and the log of requests.
struct RequestTracking {
  /// nil where no requests are followed.
  let follower: RequestTelemetry?
  private let exporter: SpanExporter?

  /// The longest that the last spans may take to be exported when the server stops.
  private static let lastExport = Duration.seconds(5)

  /// - Parameters:
  ///   - traces: where spans go; nil where none are made.
  ///   - topics: of the tasks that are served.
  ///   - group: the loops that they are exported on.
  ///   - log: where the lines of requests go.
  init(
    _ options: ServeCommand, traces: OTLPSettings?, router: Router, topics: TaskTopics, group: any EventLoopGroup,
    log: ServerLog, logger: Logger
  ) {
    exporter = traces.map { SpanExporter(settings: $0, group: group, logger: logger) }
    let requestLog = RequestLog(options.requestLog, share: TraceShare(options.requestLogSample), write: log.add)
    guard exporter != nil || requestLog != nil else {
      follower = nil
      return
    }
    let tracer = SpanTracer(sampler: traces?.sampler ?? .alwaysOff) { [exporter] in exporter?.add($0) }
    follower = RequestTelemetry(router: router, topics: topics, tracer: tracer, log: requestLog)
  }

  var spanStatistics: SpanStatistics { exporter?.statistics ?? SpanStatistics() }
}

extension RequestTracking: HostedService {
  /// Exports until the server stops; then what is left, in bounded time.
  func run(until stop: StopRequest) async {
    await withTaskGroup(of: Void.self) { tasks in
      let exporter = exporter
      tasks.addTask { await exporter?.run() }
      await stop.wasMade()
      exporter?.finish()
      tasks.addTask { try? await Task.sleep(for: Self.lastExport) }
      await tasks.next()
      tasks.cancelAll()
    }
  }
}
