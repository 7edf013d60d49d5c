import HTTP2
import NIOCore
import NIOHTTP1
import NIOPosix
import Service

/// The HTTP port for operators: liveness, readiness and metrics.
public final class AdminServer: Sendable {
  private let listener: any Channel
  private let connections: ConnectionRegistry

  /// More connections than monitors and probes open.
  static let maxConnections = 256
  /// When the server stops, the maximum time for unfinished answers.
  private static let grace = TimeAmount.seconds(5)

  /// The bound address, with the actual port if port 0 was requested.
  public var localAddress: SocketAddress? { listener.localAddress }

  /// Binds the port and begins to answer.
  /// - Parameter metrics: the contents of `/metrics`.
  /// - Throws: the system's error, for example if the address is in use.
  public static func start(
    host: String, port: Int, readiness: Readiness, metrics: PrometheusRegistry, group: any EventLoopGroup
  ) async throws -> AdminServer {
    let connections = ConnectionRegistry(limit: maxConnections)
    let paths = AdminPaths(readiness: readiness, metrics: metrics)
    let listener = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptPause { _ in })
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelInitializer { channel in
        guard connections.add(channel) else {
          return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        return channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.configureHTTPServerPipeline(
            withServerUpgrade: nil, withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: AdminConnection.headerLimits)
          try pipeline.addHandler(AdminConnection(paths: paths))
        }
      }
      .bind(host: host, port: port).get()
    return AdminServer(listener: listener, connections: connections)
  }

  private init(listener: any Channel, connections: ConnectionRegistry) {
    self.listener = listener
    self.connections = connections
  }

  /// Stops accepting connections, finishes answers in progress, and returns when all connections are closed.
  public func stop() async {
    try? await listener.close()
    let empty = connections.whenEmpty(on: listener.eventLoop)
    for channel in connections.all { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    let connections = connections
    let timer = listener.eventLoop.scheduleTask(in: Self.grace) {
      for channel in connections.all { channel.close(promise: nil) }
    }
    try? await empty.get()
    timer.cancel()
  }
}
