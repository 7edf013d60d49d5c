import GRPC
import Logging
import Messages
import NIOCore
import Service
import Telemetry

/// The followers of requests in a running server: exported traces, and the request log.
struct RequestTracking {
  /// nil if no requests are followed.
  let follower: RequestTelemetry?
  private let exporter: SpanExporter?

  /// Maximum time to export the last spans when the server stops.
  private static let lastExport = Duration.seconds(5)

  /// - Parameters:
  ///   - traces: the destination of spans; nil if there are none.
  ///   - topics: the topics of the tasks that the server serves.
  ///   - group: the event loops for the export.
  ///   - log: the destination of the request log.
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
  /// Exports until the server stops, and then the remaining spans, in bounded time.
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
