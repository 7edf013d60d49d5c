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
/// - `/t.T/Large` answers with a message that is a hundred bytes longer than the request's.
/// - `/t.T/Hang` never answers, but counts the calls that reached it and those that were cancelled.
/// - `/t.T/EchoStream` answers each of many requests with its message.
/// - `/t.T/FailStream` ends the stream at the first request, with INVALID_ARGUMENT and the message as text.
/// - `/t.T/HoldStream` answers each of many requests with its message, after a call of ``releaseNewest()``.
/// - `/t.T/Topic` records its first byte as its topic, and answers with the message.
/// - `/t.T/TellStream` answers each of many requests with its message, which reports a failure unless it begins with 0.
/// - `/t.T/Count` answers one request with as many replies as its first byte says, and ends with INVALID_ARGUMENT.
final class TestMethods: Sendable {
  private let server: HTTP2Server
  /// One mebibyte.
  let sendBudget: SendBudget

  private struct HangingCalls {
    var started = 0
    var cancelled = 0
    var held: [Request] = []
  }

  private final class Counter: Sendable {
    let calls = Mutex(HangingCalls())
  }

  private let counter: Counter

  init(
    maxMessageBytes: Int = 1_000, receiveBytes: Int = 10_000, observer: (any RequestObserver)? = nil,
    follower: (any RequestFollower)? = nil
  ) async throws {
    let counter = Counter()
    let router = Self.router(counter)
    let sendBudget = SendBudget(bytes: 1 << 20)
    let settings = CallSettings(
      maxMessageBytes: maxMessageBytes, receiveBudget: ReceiveBudget(bytes: receiveBytes), sendBudget: sendBudget,
      observer: observer, follower: follower)
    self.sendBudget = sendBudget
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

  private static func router(_ counter: Counter) -> Router {
    Router(methods: [
      "/t.T/Echo": .unary(echo),
      "/t.T/Fail": .unary(fail),
      "/t.T/Large": .unary { request in
        request.respond(
          Result { try request.message() }.mapError { $0 as! Status }
            .map { ByteBuffer(repeating: 1, count: $0.readableBytes + 100) })
      },
      "/t.T/Hang": .unary { request in
        counter.calls.withLock { $0.started += 1 }
        request.cancellation.onCancel { counter.calls.withLock { $0.cancelled += 1 } }
      },
      "/t.T/EchoStream": .stream(echo),
      "/t.T/FailStream": .stream(fail),
      "/t.T/HoldStream": .stream { request in
        request.messageIsConsumed()
        counter.calls.withLock { calls in
          calls.started += 1
          calls.held.append(request)
        }
        request.cancellation.onCancel { counter.calls.withLock { $0.cancelled += 1 } }
      },
      "/t.T/Topic": .unary { request in
        request.note(topic: firstByte(request))
        echo(request)
      },
      "/t.T/TellStream": .stream { request in
        let told = firstByte(request) == 0 ? Status.ok : Status(.invalidArgument, "told")
        request.respond(.success((try? request.message()) ?? ByteBuffer()), telling: told)
      },
      "/t.T/Count": .serverStream { request in
        for number in 0..<firstByte(request) { request.send(ByteBuffer(integer: UInt8(number))) }
        request.respond(.failure(Status(.invalidArgument, "counted")))
      },
    ])
  }

  /// The methods' names by their numbers.
  static let names = router(Counter()).routes.map { String($0.path.split(separator: "/")[1]) }

  private static func firstByte(_ request: Request) -> Int {
    Int((try? request.message())?.readableBytesView.first ?? 0)
  }

  private static func echo(_ request: Request) {
    do throws(Status) {
      let message = try request.message()
      request.messageIsConsumed()
      request.respond(.success(message))
    } catch {
      request.respond(.failure(error))
    }
  }

  private static func fail(_ request: Request) {
    let text = (try? request.message()).map { String(buffer: $0) } ?? ""
    request.respond(.failure(Status(.invalidArgument, text)))
  }

  /// Answers the newest request that `/t.T/HoldStream` holds.
  func releaseNewest() {
    if let request = counter.calls.withLock({ $0.held.popLast() }) { Self.echo(request) }
  }

  /// Requests that `/t.T/HoldStream` holds.
  var heldCallCount: Int { counter.calls.withLock { $0.held.count } }

  /// Calls, or requests of streams, that reached a method which does not answer by itself.
  var startedCallCount: Int { counter.calls.withLock { $0.started } }

  /// Calls and requests that were notified of their cancellation.
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
  /// A message with gRPC's five-byte prefix.
  static func frame(_ message: [UInt8]) -> [UInt8] {
    [0] + HTTP2Frame.bigEndian(UInt32(message.count)) + message
  }

  /// Opens a call without its body.
  func open(_ method: String, stream: UInt32, fields: [(String, String)] = [], endStream: Bool = false) {
    let all = [("content-type", "application/grpc"), ("te", "trailers")] + fields
    post("/t.T/" + method, stream: stream, fields: all, endStream: endStream)
  }

  /// Sends a complete unary call.
  func call(
    _ method: String, _ message: [UInt8], stream: UInt32 = 1, fields: [(String, String)] = []
  ) throws -> HTTP2Response {
    open(method, stream: stream, fields: fields)
    data(Self.frame(message), stream: stream, endStream: true)
    return try response(stream: stream)
  }
}
