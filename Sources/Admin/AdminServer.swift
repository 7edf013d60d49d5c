import Hummingbird
import Logging
import NIOCore
import Service

/// The HTTP port for operators: liveness, readiness and metrics.
public struct AdminServer {
  private let application: Application<RouterResponder<BasicRequestContext>>

  /// - Parameters:
  ///   - metrics: what `/metrics` shows.
  ///   - onRunning: called with the port that was bound.
  public init(
    host: String, port: Int, readiness: Readiness, metrics: PrometheusRegistry,
    group: any EventLoopGroup, logger: Logger, onRunning: @escaping @Sendable (SocketAddress) async -> Void
  ) {
    let router = Hummingbird.Router(options: .autoGenerateHeadEndpoints)
    router.get("/livez") { _, _ in "ok\n" }
    router.get("/readyz") { _, _ -> Response in
      readiness.isReady
        ? Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "ready\n")))
        : Response(status: .serviceUnavailable, body: ResponseBody(byteBuffer: ByteBuffer(string: "not ready\n")))
    }
    router.get("/metrics") { _, _ in
      Response(
        status: .ok, headers: [.contentType: PrometheusText.contentType],
        body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.text)))
    }
    // Behind the routes: it applies to what none of them answers.
    router.add(middleware: MethodNotAllowed(paths: Set(router.routes.map(\.path.description))))
    // Hummingbird reports its own life; what matters of it reaches the operator as an error of run().
    var frameworkLogger = logger
    frameworkLogger.logLevel = .critical
    application = Application(
      responder: router.buildResponder(),
      configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
      onServerRunning: { channel in
        if let address = channel.localAddress { await onRunning(address) }
      },
      eventLoopGroupProvider: .shared(group),
      logger: frameworkLogger)
  }

  /// Serves until it is told to stop gracefully or cancelled.
  public func run() async throws {
    try await application.run()
  }
}
