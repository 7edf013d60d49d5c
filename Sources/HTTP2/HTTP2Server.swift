import Glibc
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Accepts HTTP/2 connections: over TLS, or over cleartext with prior knowledge.
public final class HTTP2Server: Sendable {
  public typealias MakeHandler = @Sendable (ServerStream, any EventLoop) -> any StreamHandler

  private let group: any EventLoopGroup
  private let listener: any Channel
  private let connections: ConnectionRegistry

  /// The address on which the server listens, with the actual port if 0 was requested.
  public var localAddress: SocketAddress? { listener.localAddress }

  /// Binds and begins to accept.
  /// - Parameters:
  ///   - tls: the server's identity; nil for cleartext.
  ///   - observe: receives events of connections.
  /// - Throws: the system's error, such as an address in use.
  public static func start(
    on address: ListenAddress, group: any EventLoopGroup, limits: ConnectionLimits, maxConnections: Int,
    tls: TLSIdentity? = nil, logger: Logger, observe: @escaping ConnectionObserver = { _ in },
    makeHandler: @escaping MakeHandler
  ) async throws -> HTTP2Server {
    let connections = ConnectionRegistry(limit: maxConnections)
    let watermark = ChannelOptions.Types.WriteBufferWaterMark(
      low: limits.maxOutboundBytes / 2, high: limits.maxOutboundBytes)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptPause(observe: observe))
        }
      }
      .childChannelOption(.writeBufferWaterMark, value: watermark)
      // This bounds how long the input of one client can keep its event loop from others.
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(.recvAllocator, value: limits.readAllocator)
      .childChannelInitializer { channel in
        guard connections.add(channel) else {
          observe(.refused(.connectionLimit))
          logger.warning("connection refused: --max-connections \(maxConnections) are open")
          return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        observe(.opened)
        channel.closeFuture.whenComplete { _ in observe(.closed) }
        return channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandlers(
              tls.makeHandler(), ProtocolCheck { observe(.refused(.tlsHandshake)) })
          }
          let handler = ConnectionHandler(limits: limits, logger: logger, observe: observe) {
            makeHandler($0, channel.eventLoop)
          }
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
    let listener =
      if case .unixSocket(let path) = address {
        try await bindSocketFile(path, bootstrap, group)
      } else {
        try await bind(address, bootstrap, limits)
      }
    return HTTP2Server(group: group, listener: listener, connections: connections)
  }

  private static func bind(
    _ address: ListenAddress, _ bootstrap: ServerBootstrap, _ limits: ConnectionLimits
  ) async throws -> any Channel {
    guard let (host, port) = address.hostAndPort else { preconditionFailure("\(address) is a socket file") }
    return
      try await bootstrap
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      // Data for a slow client waits here, where it is counted, and the server notices each part that the client reads.
      .childChannelOption(.tcpOption(.unsentLowWatermark), value: SocketOptionValue(limits.maxOutboundBytes))
      .bind(host: host, port: port).get()
  }

  /// A socket file outlives a server that was killed. If no process listens on the file, the server replaces it.
  private static func bindSocketFile(
    _ path: String, _ bootstrap: ServerBootstrap, _ group: any EventLoopGroup
  ) async throws -> any Channel {
    if let other = try? await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get() {
      try? await other.close()
      throw IOError(errnoCode: EADDRINUSE, reason: "bind")
    }
    return try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
  }

  private init(group: any EventLoopGroup, listener: any Channel, connections: ConnectionRegistry) {
    self.group = group
    self.listener = listener
    self.connections = connections
  }

  /// Stops accepting, lets open streams finish, and returns when no connection is left.
  /// - Parameter grace: the time after which open connections are closed.
  public func drain(grace: TimeAmount) async throws {
    try? await listener.close()
    if let path = listener.localAddress?.pathname { unlink(path) }
    let empty = connections.whenEmpty(on: group.next())
    for channel in connections.all { channel.pipeline.fireUserInboundEventTriggered(Drain.Begin()) }
    let connections = connections
    let timer = group.next().scheduleTask(in: grace) {
      for channel in connections.all { channel.close(promise: nil) }
    }
    try await empty.get()
    timer.cancel()
  }
}

extension NIOBSDSocket.Option {
  /// Unsent bytes in the kernel: a socket is writable while there are fewer.
  fileprivate static let unsentLowWatermark = NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT)
}
