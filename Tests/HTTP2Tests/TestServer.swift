import HTTP2
import Logging
import NIOCore
import NIOPosix
import TestSupport

/// A server of ``EchoHandler``s on a free port.
struct TestServer {
  let server: HTTP2Server
  let log: EventLog
  let port: Int

  init(
    limits: ConnectionLimits = ConnectionLimits(), maxConnections: Int = 100, on address: ListenAddress? = nil
  ) async throws {
    let log = EventLog()
    let observe: ConnectionObserver = { log.add("\($0)") }
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    server = try await HTTP2Server.start(
      on: address ?? .hostAndPort(host: "127.0.0.1", port: 0), group: MultiThreadedEventLoopGroup.singleton,
      limits: limits, maxConnections: maxConnections, logger: logger, observe: observe
    ) { stream, _ in
      EchoHandler(stream, log: log)
    }
    self.log = log
    port = server.localAddress?.port ?? 0
  }

  /// Returns a client that has not sent anything yet.
  func connect() throws -> HTTP2Client { try HTTP2Client(port: port) }

  /// Returns a client that has exchanged settings.
  func client(settings: [(UInt16, UInt32)] = []) throws -> HTTP2Client {
    let client = try connect()
    try client.start(settings: settings)
    return client
  }

  func stop() async throws {
    try await server.drain(grace: .milliseconds(1))
  }
}
