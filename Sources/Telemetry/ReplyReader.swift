import NIOCore
import NIOHTTP1

/// The answer to a post.
struct Reply: Sendable {
  let status: Int
  let retryAfter: String?
  /// nil if the body is too long or incomplete.
  let body: ByteBuffer?
  /// Whether the connection may be used again.
  let keepsConnection: Bool
}

/// The reason why a post has no answer.
enum PostError: Error, Equatable, CustomStringConvertible {
  case closed, timeout

  var description: String {
    switch self {
    case .closed: "the connection ended before an answer"
    case .timeout: "no answer in time"
    }
  }
}

/// Sends one post at a time and reads the answer, in bounded time and memory. It closes a connection that cannot be
/// reused.
final class ReplyReader: ChannelDuplexHandler {
  struct Post: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer
    let deadline: NIODeadline
    /// Completed when the answer is complete, or when the status is known and the rest cannot arrive any more.
    let reply: EventLoopPromise<Reply>
  }

  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = Post
  typealias OutboundOut = HTTPClientRequestPart

  private struct Exchange {
    let reply: EventLoopPromise<Reply>
    let timer: Scheduled<Void>
    var isSent = false
    var head: HTTPResponseHead?
    var body = ByteBuffer()
  }

  static let maxBodyBytes = 64 << 10

  private var exchange: Exchange?

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let post = unwrapOutboundIn(data)
    let bound = NIOLoopBound((reader: self, context: context), eventLoop: context.eventLoop)
    let timer = context.eventLoop.scheduleTask(deadline: post.deadline) {
      bound.value.reader.fail(bound.value.context, PostError.timeout)
    }
    exchange = Exchange(reply: post.reply, timer: timer)
    context.write(wrapOutboundOut(.head(post.head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(post.body))), promise: nil)
    let sent = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    sent.whenComplete { result in
      switch result {
      case .success: bound.value.reader.exchange?.isSent = true
      case .failure(let error): bound.value.reader.fail(bound.value.context, error)
      }
    }
    sent.cascade(to: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    // An answer without a request.
    case _ where exchange == nil: context.close(promise: nil)
    case .head(let head): exchange?.head = head
    case .body(var part):
      exchange?.body.writeBuffer(&part)
      // The status is enough.
      if exchange?.body.readableBytes ?? 0 > Self.maxBodyBytes { fail(context, PostError.closed) }
    case .end: succeed(context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(context, error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(context, PostError.closed)
    context.fireChannelInactive()
  }

  private func succeed(_ context: ChannelHandlerContext) {
    guard let ended = exchange, let head = ended.head else { return fail(context, PostError.closed) }
    exchange = nil
    ended.timer.cancel()
    let keepsConnection = head.isKeepAlive && ended.isSent
    if !keepsConnection { context.close(promise: nil) }
    ended.reply.succeed(Reply(head, body: ended.body, keepsConnection: keepsConnection))
  }

  /// Closes the connection. If a status has arrived, the post still succeeds with it.
  private func fail(_ context: ChannelHandlerContext, _ error: any Error) {
    if let ended = exchange.take() {
      ended.timer.cancel()
      if let head = ended.head {
        ended.reply.succeed(Reply(head, body: nil, keepsConnection: false))
      } else {
        ended.reply.fail(error)
      }
    }
    // Last, because closing also fails pending writes, and their error must not hide the actual reason.
    context.close(promise: nil)
  }
}

extension Reply {
  fileprivate init(_ head: HTTPResponseHead, body: ByteBuffer?, keepsConnection: Bool) {
    status = Int(head.status.code)
    retryAfter = head.headers.first(name: "retry-after")
    self.body = body
    self.keepsConnection = keepsConnection
  }
}
