import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Telemetry

/// Which bytes are a valid answer, and when the connection can no longer be used.
@Suite struct ReplyReaderTests {
  private let channel = EmbeddedChannel(handler: ReplyReader())
  private let reply: EventLoopFuture<Reply>

  /// A post with a timeout of one second.
  init() throws {
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    let promise = channel.eventLoop.makePromise(of: Reply.self)
    reply = promise.futureResult
    channel.writeAndFlush(
      ReplyReader.Post(
        head: HTTPRequestHead(version: .http1_1, method: .POST, uri: "/"), body: ByteBuffer(string: "spans"),
        deadline: channel.eventLoop.now + .seconds(1), reply: promise), promise: nil)
  }

  private func receive(_ status: HTTPResponseStatus, headers: HTTPHeaders = [:], bodyBytes: Int = 0) throws {
    try receive(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
    if bodyBytes > 0 { try receive(.body(ByteBuffer(repeating: 0, count: bodyBytes))) }
  }

  private func receive(_ part: HTTPClientResponsePart) throws {
    try channel.writeInbound(part)
  }

  @Test func aWholeAnswerKeepsTheConnection() throws {
    try receive(.ok, headers: ["Retry-After": "3"], bodyBytes: 5)
    try receive(.end(nil))
    let reply = try reply.wait()
    #expect((reply.status, reply.retryAfter, reply.body?.readableBytes) == (200, "3", 5))
    #expect(reply.keepsConnection)
    channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    #expect(channel.isActive, "the time was for the post")
  }

  @Test func aSilentReceiverTimesOut() throws {
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(999))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(throws: PostError.timeout) { try reply.wait() }
    #expect(!channel.isActive)
  }

  @Test func aStatusCountsThoughItsBodyDoesNotEnd() throws {
    try receive(.ok, bodyBytes: 5)
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    let reply = try reply.wait()
    #expect((reply.status, reply.body, reply.keepsConnection) == (200, nil, false))
    #expect(!channel.isActive)
  }

  @Test func aStatusCountsThoughItsConnectionEnds() throws {
    try receive(.badRequest, bodyBytes: 5)
    channel.close(promise: nil)
    channel.embeddedEventLoop.run()
    let reply = try reply.wait()
    #expect((reply.status, reply.body, reply.keepsConnection) == (400, nil, false))
  }

  @Test func theLongestBody() throws {
    try receive(.ok, bodyBytes: ReplyReader.maxBodyBytes)
    try receive(.end(nil))
    #expect(try reply.wait().body?.readableBytes == ReplyReader.maxBodyBytes)
    #expect(channel.isActive)
  }

  @Test func aLongerBodyIsNotHeld() throws {
    try receive(.ok, bodyBytes: ReplyReader.maxBodyBytes)
    try receive(.body(ByteBuffer(string: "x")))
    let reply = try reply.wait()
    #expect((reply.status, reply.body, reply.keepsConnection) == (200, nil, false))
    #expect(!channel.isActive)
  }

  @Test func unrequestedBytesEndTheConnection() throws {
    try receive(.ok)
    try receive(.end(nil))
    try receive(.ok)
    #expect(!channel.isActive)
    #expect(try reply.wait().keepsConnection, "it was right until then")
  }

  @Test func aConnectionThatIsClosedByItsAnswerIsNotKept() throws {
    try receive(.ok, headers: ["Connection": "close"])
    try receive(.end(nil))
    #expect(try !reply.wait().keepsConnection)
    #expect(!channel.isActive)
  }

  @Test func anEndWithoutAnAnswer() {
    channel.close(promise: nil)
    channel.embeddedEventLoop.run()
    #expect(throws: PostError.closed) { try reply.wait() }
  }
}
