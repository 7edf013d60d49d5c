import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends posts to a receiver over HTTP/1.1, one at a time, and keeps the connection open between posts.
actor ReceiverConnection {
  private let address: ReceiverAddress
  private let group: any EventLoopGroup
  private var kept: (any Channel)?
  /// Created at the first use, because it reads the system's certificates.
  private var tls: NIOSSLContext?

  private static let connectTimeout = TimeAmount.seconds(2)

  init(_ address: ReceiverAddress, group: any EventLoopGroup) {
    self.address = address
    self.group = group
  }

  /// - Parameter timeout: the maximum time for the whole post.
  /// - Throws: an error if there is no answer, or if the task is cancelled.
  func post(_ body: ByteBuffer, headers: HTTPHeaders, timeout: TimeAmount) async throws -> Reply {
    let deadline = NIODeadline.now() + timeout
    var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: address.target, headers: headers)
    if !headers.contains(name: "host") { head.headers.add(name: "host", value: address.authority) }
    head.headers.remove(name: "transfer-encoding")
    head.headers.replaceOrAdd(name: "content-length", value: "\(body.readableBytes)")
    if let channel = kept.take(), channel.isActive {
      do {
        let eventLoop = channel.eventLoop
        return try await exchange(head, body, deadline, on: eventLoop) { eventLoop.makeSucceededFuture(channel) }
      } catch let error where error is IOError || error is ChannelError || error as? PostError == .closed {
        // The receiver may close an idle connection at any time. This is not a failure, so try a new connection.
      }
    }
    let eventLoop = group.next()
    let connect = try connecting(min(timeout, Self.connectTimeout), on: eventLoop)
    return try await exchange(head, body, deadline, on: eventLoop, connect)
  }

  /// Closes the connection.
  func close() {
    kept.take()?.close(promise: nil)
  }

  private func exchange(
    _ head: HTTPRequestHead, _ body: ByteBuffer, _ deadline: NIODeadline, on eventLoop: any EventLoop,
    _ open: @escaping @Sendable () -> EventLoopFuture<any Channel>
  ) async throws -> Reply {
    let promise = eventLoop.makePromise(of: Reply.self)
    // Runs on the connection's event loop, so that the post is written before any other event of a new connection.
    let channel = eventLoop.flatSubmit {
      let channel = open()
      channel.whenComplete { result in
        switch result {
        case .success(let channel):
          let post = ReplyReader.Post(head: head, body: body, deadline: deadline, reply: promise)
          channel.writeAndFlush(post).whenFailure(promise.fail)
        case .failure(let error): promise.fail(error)
        }
      }
      return channel
    }
    let reply = try await withTaskCancellationHandler {
      try await promise.futureResult.get()
    } onCancel: {
      promise.fail(CancellationError())
      channel.whenSuccess { $0.close(promise: nil) }
    }
    if reply.keepsConnection { kept = try await channel.get() }
    return reply
  }

  private func connecting(
    _ timeout: TimeAmount, on eventLoop: any EventLoop
  ) throws -> @Sendable () -> EventLoopFuture<any Channel> {
    let context = address.isSecure ? try tlsContext() : nil
    let (host, port) = (address.host, address.port)
    return {
      ClientBootstrap(group: eventLoop)
        .connectTimeout(timeout)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let context {
              try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: Self.name(host)))
            }
            try pipeline.addHTTPClientHandlers()
            try pipeline.addHandler(ReplyReader())
          }
        }
        .connect(host: host, port: port)
    }
  }

  private func tlsContext() throws -> NIOSSLContext {
    if let tls { return tls }
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.applicationProtocols = ["http/1.1"]
    let context = try NIOSSLContext(configuration: configuration)
    tls = context
    return context
  }

  /// The server name for TLS; nil for an address, which is not a name.
  private static func name(_ host: String) -> String? {
    (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
  }
}
