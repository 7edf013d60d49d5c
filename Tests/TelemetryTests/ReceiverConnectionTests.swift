import NIOCore
import NIOPosix
import Testing

@testable import Telemetry

/// Posts to correct and to faulty receivers.
@Suite(.timeLimit(.minutes(1))) struct ReceiverConnectionTests {
  private static let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

  private func connection(_ receiver: ScriptedReceiver) throws -> ReceiverConnection {
    ReceiverConnection(try #require(ReceiverAddress(url: receiver.url)), group: MultiThreadedEventLoopGroup.singleton)
  }

  private func post(
    _ connection: ReceiverConnection, timeout: TimeAmount = .seconds(30)
  ) async throws -> Reply {
    try await connection.post(ByteBuffer(string: "spans"), headers: ["x-tenant": "7"], timeout: timeout)
  }

  /// - Parameter answers: the receiver's answers; each post must get one.
  private func replies(_ answers: ScriptedReceiver.Answer...) async throws -> (replies: [Reply], connections: Int) {
    let receiver = try await ScriptedReceiver.start(answers)
    let connection = try connection(receiver)
    var replies: [Reply] = []
    for _ in answers { replies.append(try await post(connection)) }
    await connection.close()
    let connections = receiver.connections.count
    try await receiver.stop()
    return (replies, connections)
  }

  /// The result of a post with this answer.
  private func outcome(_ answer: ScriptedReceiver.Answer) async throws -> Result<Reply, any Error> {
    let receiver = try await ScriptedReceiver.start([answer])
    let connection = try connection(receiver)
    let outcome: Result<Reply, any Error>
    do {
      outcome = .success(try await post(connection))
    } catch {
      outcome = .failure(error)
    }
    // In all cases, the connection is closed.
    try await receiver.connections.first?.closeFuture.get()
    try await receiver.stop()
    return outcome
  }

  @Test func aPostIsOneRequest() async throws {
    let receiver = try await ScriptedReceiver.start([.init(bytes: Self.ok)])
    let connection = try connection(receiver)
    let reply = try await post(connection)
    #expect((reply.status, reply.body) == (200, ByteBuffer(string: "ok")))
    let request = try #require(receiver.requests.first)
    #expect(request.hasPrefix("POST /v1/traces HTTP/1.1\r\n"))
    #expect(request.hasSuffix("\r\n\r\nspans"))
    let host = receiver.url.split(separator: "/")[1]
    #expect(request.contains("\r\nx-tenant: 7\r\n"))
    #expect(request.contains("\r\nhost: \(host)\r\n"))
    #expect(request.contains("\r\ncontent-length: 5\r\n"))
    await connection.close()
    try await receiver.connections[0].closeFuture.get()
    try await receiver.stop()
  }

  @Test func aConnectionIsKept() async throws {
    let chunked = "HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    let told = try await replies(.init(bytes: Self.ok), .init(bytes: chunked), .init(bytes: Self.ok))
    #expect(told.replies.map(\.status) == [200, 202, 200])
    #expect(told.replies.allSatisfy { $0.body == ByteBuffer(string: "ok") })
    #expect(told.connections == 1)
  }

  @Test func aConnectionThatTheReceiverDoesNotKeepIsNotUsedAgain() async throws {
    let closing = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"
    let told = try await replies(.init(bytes: closing), .init(bytes: closing))
    #expect(told.replies.map(\.status) == [200, 200])
    #expect(told.connections == 2)
  }

  @Test func aConnectionThatWasClosedAtRestIsNoFailure() async throws {
    // Closed immediately, and closed when the next post arrives.
    let atOnce = try await replies(.init(bytes: Self.ok, closes: true), .init(bytes: Self.ok))
    #expect(atOnce.replies.map(\.status) == [200, 200])
    let receiver = try await ScriptedReceiver.start([
      .init(bytes: Self.ok), .init(closes: true), .init(bytes: Self.ok),
    ])
    let connection = try connection(receiver)
    #expect(try await post(connection).status == 200)
    #expect(try await post(connection).status == 200)
    #expect(receiver.requests.count == 3)
    #expect(receiver.connections.count == 2)
    try await receiver.stop()
  }

  @Test func interimResponsesAreSkipped() async throws {
    let told = try await replies(.init(bytes: "HTTP/1.1 103 Early Hints\r\n\r\n" + Self.ok), .init(bytes: Self.ok))
    #expect(told.replies.map(\.status) == [200, 200])
    #expect(told.connections == 1)
  }

  @Test func aBodyMayEndWithItsConnection() async throws {
    let reply = try await outcome(.init(bytes: "HTTP/1.0 200 OK\r\n\r\nwhole", closes: true)).get()
    #expect(reply.body == ByteBuffer(string: "whole"))
  }

  @Test func aBodyWithoutEndIsNotHeld() async throws {
    let chunk = "1000\r\n" + String(repeating: "x", count: 0x1000) + "\r\n"
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    let reply = try await outcome(.init(bytes: head, endless: chunk)).get()
    #expect((reply.status, reply.body) == (200, nil))
  }

  @Test func anEndWithoutAnAnswerIsAFailure() async throws {
    await #expect(throws: PostError.closed) { try await outcome(.init(closes: true)).get() }
  }

  @Test(arguments: ["no HTTP\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", "HTTP/1.1 2\u{0}0 OK\r\n\r\n"])
  func anAnswerOtherThanHTTPIsAFailure(_ bytes: String) async throws {
    await #expect(throws: (any Error).self) { try await outcome(.init(bytes: bytes)).get() }
  }

  @Test func headersWithoutEndAreAFailure() async throws {
    let line = "x-more: " + String(repeating: "x", count: 1_000) + "\r\n"
    await #expect(throws: (any Error).self) {
      try await outcome(.init(bytes: "HTTP/1.1 200 OK\r\n", endless: line)).get()
    }
  }

  @Test func aFieldThatIsNoneIsAFailure() async throws {
    let receiver = try await ScriptedReceiver.start([.init(bytes: Self.ok)])
    let connection = try connection(receiver)
    await #expect(throws: (any Error).self) {
      try await connection.post(ByteBuffer(), headers: ["key": "a\r\nb: c"], timeout: .seconds(30))
    }
    #expect(receiver.requests.isEmpty)
    try await receiver.stop()
  }

  @Test func aPostThatIsCancelledEndsAtOnce() async throws {
    let receiver = try await ScriptedReceiver.start([])
    let connection = try connection(receiver)
    let task = Task { try await post(connection, timeout: .hours(1)) }
    while receiver.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    try await receiver.connections[0].closeFuture.get()
    try await receiver.stop()
  }

  @Test func aMissingReceiverIsAFailure() async throws {
    let receiver = try await ScriptedReceiver.start([])
    try await receiver.stop()
    await #expect(throws: NIOConnectionError.self) { try await post(try connection(receiver)) }
  }
}
