import NIOCore
import NIOPosix
import Synchronization

/// A receiver that answers each request with bytes from a test.
final class ScriptedReceiver: Sendable {
  /// The actions after a request's last byte has arrived.
  struct Answer: Sendable {
    var bytes = ""
    /// Sent repeatedly after the other bytes.
    var endless = ""
    var closes = false
  }

  private struct State {
    var answers: [Answer]
    var requests: [String] = []
    var connections: [any Channel] = []
  }

  private let listener: any Channel
  private let state: Mutex<State>

  var url: String { "http://127.0.0.1:\(listener.localAddress?.port ?? 0)/v1/traces" }
  var requests: [String] { state.withLock { $0.requests } }
  var connections: [any Channel] { state.withLock { $0.connections } }

  /// - Parameter answers: the answers to the requests in order, on any connections. The receiver ignores further
  ///   requests.
  static func start(_ answers: [Answer]) async throws -> ScriptedReceiver {
    let holder = Mutex<ScriptedReceiver?>(nil)
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            RequestReader { request in
              holder.withLock { $0 }?.answer(request, channel)
            })
          holder.withLock { $0 }?.state.withLock { $0.connections.append(channel) }
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let receiver = ScriptedReceiver(listener, answers)
    holder.withLock { $0 = receiver }
    return receiver
  }

  private init(_ listener: any Channel, _ answers: [Answer]) {
    self.listener = listener
    state = Mutex(State(answers: answers))
  }

  func stop() async throws {
    for channel in connections { channel.close(promise: nil) }
    try await listener.close()
  }

  private func answer(_ request: String, _ channel: any Channel) {
    let answer = state.withLock { state in
      state.requests.append(request)
      return state.answers.isEmpty ? nil : state.answers.removeFirst()
    }
    guard let answer else { return }
    let written = channel.writeAndFlush(ByteBuffer(string: answer.bytes))
    if answer.closes { written.whenComplete { _ in channel.close(promise: nil) } }
    if !answer.endless.isEmpty { Self.repeat(answer.endless, channel) }
  }

  private static func `repeat`(_ text: String, _ channel: any Channel) {
    channel.writeAndFlush(ByteBuffer(string: text)).whenSuccess {
      channel.eventLoop.execute { Self.repeat(text, channel) }
    }
  }
}

/// Collects requests with a `content-length`.
private final class RequestReader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var text = ""
  private let take: (String) -> Void

  init(take: @escaping (String) -> Void) {
    self.take = take
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    text += String(buffer: unwrapInboundIn(data))
    guard let headEnd = text.firstRange(of: "\r\n\r\n"),
      let length = text.lowercased().firstMatch(of: /content-length: (\d+)/).flatMap({ Int($0.1) }),
      text[headEnd.upperBound...].utf8.count >= length
    else { return }
    take(text)
    text = ""
  }
}
