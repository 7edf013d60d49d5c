import NIOCore
import NIOHTTP1

/// Answers the requests of one connection, one after the other. It ignores their bodies.
final class AdminConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// The maximum time for a request and its answer, including the idle time before it.
  static let patience = TimeAmount.seconds(120)
  /// The maximum size of a request's body.
  static let maxBodyBytes = 64 << 10
  /// NIO's own limits would allow a request 2 MiB of headers.
  static let headerLimits: NIOHTTPDecoderLimitConfiguration = {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 16 << 10
    limits.maxHeaderListSize = 64 << 10
    return limits
  }()

  private let paths: AdminPaths
  private var head: HTTPRequestHead?
  private var bodyBytes = 0
  /// Whether an answer is being made or written.
  private var isAnswering = false
  /// Whether the client has closed its side.
  private var isInputClosed = false
  private var timer: Scheduled<Void>?

  init(paths: AdminPaths) {
    self.paths = paths
  }

  func handlerAdded(context: ChannelHandlerContext) {
    restartTimer(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      bodyBytes = 0
    case .body(let part):
      bodyBytes += part.readableBytes
      if bodyBytes > Self.maxBodyBytes, let head = head.take() {
        write(AdminReply(status: .payloadTooLarge), to: head, closing: true, context)
      }
    case .end:
      if let head = head.take() { answer(head, context) }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event as? ChannelEvent == .inputClosed else { return context.fireUserInboundEventTriggered(event) }
    isInputClosed = true
    if !isAnswering { context.close(promise: nil) }
  }

  /// The previous handler has already answered input that is not HTTP.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    context.fireChannelInactive()
  }

  /// Makes the answer outside the event loop, which also serves calls, because metrics are thousands of numbers.
  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    isAnswering = true
    let paths = paths
    let bound = NIOLoopBound((connection: self, context: context), eventLoop: context.eventLoop)
    context.eventLoop.makeFutureWithTask { paths.reply(head.method, head.uri) }.whenSuccess { reply in
      let (connection, context) = bound.value
      connection.write(reply, to: head, closing: !head.isKeepAlive || head.version == .http1_0, context)
    }
  }

  /// Writes the end of an answer after its bytes are sent, so that the next request waits until the client reads.
  private func write(_ reply: AdminReply, to head: HTTPRequestHead, closing: Bool, _ context: ChannelHandlerContext) {
    isAnswering = true
    var last = wrapOutboundOut(.head(Self.head(reply, closing: closing)))
    if head.method != .HEAD {
      context.write(last, promise: nil)
      last = wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: reply.body))))
    }
    let bound = NIOLoopBound((connection: self, context: context), eventLoop: context.eventLoop)
    context.writeAndFlush(last).whenSuccess {
      bound.value.connection.finish(closing: closing, bound.value.context)
    }
  }

  private func finish(closing: Bool, _ context: ChannelHandlerContext) {
    isAnswering = false
    restartTimer(context)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    // If the next request is already here, writing the end has started it.
    if closing || isInputClosed && !isAnswering { context.close(promise: nil) }
  }

  private static func head(_ reply: AdminReply, closing: Bool) -> HTTPResponseHead {
    var headers = HTTPHeaders()
    if let contentType = reply.contentType { headers.add(name: "Content-Type", value: contentType) }
    if let allow = reply.allow { headers.add(name: "Allow", value: allow) }
    headers.add(name: "Content-Length", value: "\(reply.body.utf8.count)")
    headers.add(name: "Date", value: HTTPDate.now)
    if closing { headers.add(name: "Connection", value: "close") }
    return HTTPResponseHead(version: .http1_1, status: reply.status, headers: headers)
  }

  private func restartTimer(_ context: ChannelHandlerContext) {
    timer?.cancel()
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: Self.patience) { bound.value.close(promise: nil) }
  }
}
