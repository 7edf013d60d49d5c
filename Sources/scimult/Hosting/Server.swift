import Admin
import Dispatch
import GRPC
import Glibc
import HTTP2
import Logging
import NIOCore
import NIOPosix
import Service
import Telemetry
import Tensor

/// The parts of a running server and their lifecycle: started in order, stopped in reverse.
struct Server {
  let options: ServeCommand
  let credentials: Credentials
  /// The destination of spans; nil if there are none.
  let traces: OTLPSettings?
  let model: ServedModel
  let memory: MemoryPlan
  let notifier: ServiceNotifier
  let log: ServerLog
  private let logger = Logger(label: "scimult")

  /// Serves until a signal ends it.
  func run() async throws {
    let threads = memory.threadCount
    let group = MultiThreadedEventLoopGroup(numberOfThreads: Self.eventLoops(threads: threads))
    let sendBudget = SendBudget(bytes: memory.sendBytes)
    let metrics = PrometheusRegistry()
    let engine = Engine(
      model: model,
      limits: Engine.Limits(
        threads: threads, maxBatchTokens: options.maxBatchTokens, maxQueueTokens: options.maxQueueTokens,
        maxDocuments: options.maxDocuments, cacheBytes: memory.cacheBytes),
      sendBudget: sendBudget, observeBatch: BatchMetrics(factory: metrics).observe, logger: logger)
    let readiness = Readiness()
    let router = Router.sciMult(
      engine, precision: model.encoder.precision.rawValue, maxMessageBytes: options.maxMessageBytes
    ).merging(.health(readiness)).merging(options.noReflection ? Router(methods: [:]) : .reflection)
    let build = BuildInfo(
      version: Scimult.release, precision: model.encoder.precision.rawValue, kernels: InstructionSet.inUse.rawValue,
      model: model.name)
    let topics = TaskTopics(model.blueprint.tasks)
    let tracking = RequestTracking(
      options, traces: traces, router: router, topics: topics, group: group, log: log, logger: logger)
    metrics.add {
      engine.metrics + tracking.spanStatistics.metrics + LogMetrics(lostLines: log.lostLines).metrics + build.metrics
        + ProcessUsage.metrics
    }
    let adminAddress = group.next().makePromise(of: SocketAddress?.self)
    let grpc = GRPCService(
      options: options, credentials: credentials, memory: memory, engine: engine, router: router, readiness: readiness,
      sendBudget: sendBudget,
      requests: RequestMetrics(router: router, topics: topics, factory: metrics), follower: tracking.follower,
      connections: ConnectionMetrics(factory: metrics),
      group: group, adminAddress: adminAddress.futureResult, notifier: notifier, log: log, logger: logger)
    var services: [any HostedService] = [grpc]
    if case .on(let endpoint) = options.admin {
      services.insert(
        AdminService(
          endpoint: endpoint, readiness: readiness, metrics: metrics, group: group, bound: adminAddress), at: 0)
    } else {
      adminAddress.succeed(nil)
    }
    if !credentials.isEmpty { services.insert(CredentialsWatch(credentials: credentials, logger: logger), at: 0) }
    if let interval = notifier.watchdogInterval {
      services.insert(WatchdogService(notifier: notifier, interval: interval, group: group), at: 0)
    }
    // The first service to begin is the last to end, when no request is open any more.
    if tracking.follower != nil { services.insert(tracking, at: 0) }
    try await runUntilSignalled(ServiceGroup(services))
    logger.info("stopped")
  }

  /// One event loop moves the bytes of several encoding threads.
  static func eventLoops(threads: Int) -> Int { max(1, threads / 4) }

  private func runUntilSignalled(_ services: ServiceGroup) async throws {
    let signals = await SignalSequence([SIGTERM, SIGINT, SIGHUP])
    let reloads = DispatchQueue(label: "scimult.reload")
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        var stops = StopSignals()
        for await signal in signals.received {
          if signal == SIGHUP {
            // This runs on its own thread, so that an unreadable file does not delay signals.
            reloads.async { credentials.reload(logger) }
            continue
          }
          switch stops.received(at: .now) {
          case .sameAgain: break
          case .stop:
            logger.info("stopping", metadata: ["signal": "\(signal == SIGINT ? "SIGINT" : "SIGTERM")"])
            services.stop()
          case .stopAtOnce:
            logger.warning(
              "stopped at once by a second signal", metadata: ["signal": "\(signal == SIGINT ? "SIGINT" : "SIGTERM")"])
            log.flush()
            exit(1)
          }
        }
      }
      try await services.run()
      tasks.cancelAll()
    }
  }
}

/// The admin port as a service of the group.
private struct AdminService: HostedService {
  let endpoint: Endpoint
  let readiness: Readiness
  let metrics: PrometheusRegistry
  let group: any EventLoopGroup
  /// Completed with the bound address.
  let bound: EventLoopPromise<SocketAddress?>

  func run(until stop: StopRequest) async throws {
    guard let (host, port) = endpoint.address.hostAndPort else {
      preconditionFailure("the admin port is no socket file")
    }
    let server: AdminServer
    do {
      server = try await AdminServer.start(
        host: host, port: port, readiness: readiness, metrics: metrics, group: group)
    } catch {
      let failure = ListenFailure.explain(error, address: endpoint.address, option: "--admin")
      bound.fail(failure)
      throw failure
    }
    bound.succeed(server.localAddress)
    await stop.wasMade()
    await server.stop()
  }
}

/// The gRPC port as a service of the group: warms up, serves, drains.
private struct GRPCService: HostedService {
  let options: ServeCommand
  let credentials: Credentials
  let memory: MemoryPlan
  let engine: Engine
  let router: Router
  let readiness: Readiness
  let sendBudget: SendBudget
  let requests: RequestMetrics
  let follower: RequestTelemetry?
  let connections: ConnectionMetrics
  let group: any EventLoopGroup
  let adminAddress: EventLoopFuture<SocketAddress?>
  let notifier: ServiceNotifier
  let log: ServerLog
  let logger: Logger

  func run(until stop: StopRequest) async throws {
    let admin = try await adminAddress.get()
    logger.info("memory", metadata: memory.logged)
    if let notice = engine.model.blueprint.repacking { logger.warning("\(notice)") }
    try await engine.warmUp()
    let server = try await start()
    readiness.set(.serving)
    warnIfOpen(server)
    announce(server, admin: admin)
    logger.info(
      "serving",
      metadata: [
        "model": "\(engine.model.name)", "architecture": "\(engine.model.blueprint.architecture.rawValue)",
        "precision": "\(engine.model.encoder.precision.rawValue)", "threads": "\(memory.threadCount)",
        "kernels": "\(InstructionSet.inUse.rawValue)",
      ])
    await stop.wasMade()
    readiness.set(.stopping)
    notifier.notify(.stopping, .status("finishing open requests"))
    try await server.drain(grace: .seconds(Int64(options.drainSeconds)))
    try await engine.shutdown()
    logCache()
  }

  private func logCache() {
    let cache = engine.cacheStatistics
    guard cache.maxBytes > 0 else { return }
    logger.info(
      "cache",
      metadata: [
        "hits": "\(cache.hits)", "misses": "\(cache.misses)",
        "hit-rate": "\((cache.hitRate * 1_000).rounded() / 1_000)", "bytes": "\(cache.bytes)",
      ])
  }

  private func start() async throws -> HTTP2Server {
    let times = ConnectionTimes(options)
    let settings = CallSettings(
      maxMessageBytes: options.maxMessageBytes, receiveBudget: ReceiveBudget(bytes: memory.receiveBytes),
      sendBudget: sendBudget, stall: times.stall,
      authorization: credentials.tokens?.authorization(openServices: options.authHealth ? [] : [Router.healthService]),
      observer: requests, follower: follower)
    let router = router
    do {
      return try await HTTP2Server.start(
        on: options.listen.address, group: group,
        limits: ConnectionLimits(
          maxConcurrentStreams: options.maxConcurrentStreams,
          resets: Rate(burst: options.cancelBurst, perSecond: options.cancelsPerSecond), times: times),
        maxConnections: memory.maxConnections, tls: credentials.tls, logger: logger, observe: connections.observe
      ) { stream, eventLoop in
        Call(stream: stream, router: router, settings: settings, eventLoop: eventLoop)
      }
    } catch {
      throw ListenFailure.explain(error, address: options.listen.address, option: "--listen")
    }
  }

  private func warnIfOpen(_ server: HTTP2Server) {
    guard credentials.isEmpty, let address = server.localAddress, !address.isOfThisMachine else { return }
    logger.warning(
      "open to other machines without TLS and without tokens: whoever reaches it may use it (--tls-cert, --auth-token-file)",
      metadata: ["address": "\(Endpoint.text(address))"])
  }

  private func announce(_ server: HTTP2Server, admin: SocketAddress?) {
    let grpc = server.localAddress.map(Endpoint.text) ?? options.listen.address.description
    let adminPart = admin.map { " admin=\(Endpoint.text($0))" } ?? ""
    log.announce("ready grpc=\(grpc)\(adminPart)\n")
    notifier.notify(.ready, .status("serving \(engine.model.name) at \(grpc)"))
  }
}
