import GRPC
import HTTP2
import Logging
import NIOCore
import NIOPosix
import Synchronization
import TestSupport

/// A gRPC server with a few methods, on a free port.
///
/// - `/t.T/Echo` answers with the request's message.
/// - `/t.T/Fail` answers with INVALID_ARGUMENT and the message as text.
/// - `/t.T/Large` answers with a hundred bytes more than it is given.
/// - `/t.T/Hang` answers never, but counts the calls that reached it and those that were cancelled.
final class TestMethods: Sendable {
  private let server: HTTP2Server

  private struct HangingCalls {
    var started = 0
    var cancelled = 0
  }

  private final class Counter: Sendable {
    let calls = Mutex(HangingCalls())
  }

  private let counter: Counter

  init(maxMessageBytes: Int = 1_000, receiveBytes: Int = 10_000) async throws {
    let counter = Counter()
    let router = Router(methods: [
      "/t.T/Echo": { call in
        call.messageIsConsumed()
        call.respond(.success(call.message))
      },
      "/t.T/Fail": { call in
        call.respond(.failure(Status(.invalidArgument, String(buffer: call.message))))
      },
      "/t.T/Large": { call in
        call.respond(.success(ByteBuffer(repeating: 1, count: call.message.readableBytes + 100)))
      },
      "/t.T/Hang": { call in
        counter.calls.withLock { $0.started += 1 }
        call.cancellation.onCancel { counter.calls.withLock { $0.cancelled += 1 } }
      },
    ])
    let settings = CallSettings(
      maxMessageBytes: maxMessageBytes, receiveBudget: ReceiveBudget(bytes: receiveBytes))
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    server = try await HTTP2Server.start(
      on: .hostAndPort(host: "127.0.0.1", port: 0), group: MultiThreadedEventLoopGroup.singleton,
      limits: ConnectionLimits(), maxConnections: 100, logger: logger
    ) { stream, eventLoop in
      Call(stream: stream, router: router, settings: settings, eventLoop: eventLoop)
    }
    self.counter = counter
  }

  /// Calls that reached `/t.T/Hang`.
  var startedCallCount: Int { counter.calls.withLock { $0.started } }

  /// Calls of `/t.T/Hang` whose cancellation was told.
  var cancelledCallCount: Int { counter.calls.withLock { $0.cancelled } }

  func client() throws -> HTTP2Client {
    let client = try HTTP2Client(port: server.localAddress?.port ?? 0)
    try client.start()
    return client
  }

  func stop() async throws {
    try await server.drain(grace: .milliseconds(1))
  }
}

extension HTTP2Client {
  /// A message with gRPC's five bytes in front.
  static func frame(_ message: [UInt8]) -> [UInt8] {
    [0] + HTTP2Frame.bigEndian(UInt32(message.count)) + message
  }

  /// Opens a call; its body is to follow.
  func open(_ method: String, stream: UInt32, fields: [(String, String)] = [], endStream: Bool = false) {
    let all = [("content-type", "application/grpc"), ("te", "trailers")] + fields
    post("/t.T/" + method, stream: stream, fields: all, endStream: endStream)
  }

  /// A whole unary call.
  func call(
    _ method: String, _ message: [UInt8], stream: UInt32 = 1, fields: [(String, String)] = []
  ) throws -> HTTP2Response {
    open(method, stream: stream, fields: fields)
    data(Self.frame(message), stream: stream, endStream: true)
    return try response(stream: stream)
  }
}
