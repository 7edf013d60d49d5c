import NIOCore
import NIOEmbedded
import NIOHTTP1
import Service
import Testing

@testable import Admin

/// The maximum duration of a connection to the admin port, tested without waiting that long.
@Suite struct AdminConnectionTests {
  private func connect() async throws -> NIOAsyncTestingChannel {
    let paths = AdminPaths(readiness: Readiness(), metrics: PrometheusRegistry([]))
    let channel = await NIOAsyncTestingChannel(handler: AdminConnection(paths: paths))
    try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
    return channel
  }

  private func ask(_ channel: NIOAsyncTestingChannel) async throws {
    try await channel.writeInbound(
      HTTPServerRequestPart.head(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/livez")))
    try await channel.writeInbound(HTTPServerRequestPart.end(nil))
    for _ in 0..<3 { _ = try await channel.waitForOutboundWrite(as: HTTPServerResponsePart.self) }
  }

  @Test func aSilentConnectionIsClosed() async throws {
    let channel = try await connect()
    await channel.testingEventLoop.advanceTime(by: AdminConnection.patience - .nanoseconds(1))
    #expect(channel.isActive)
    await channel.testingEventLoop.advanceTime(by: .nanoseconds(1))
    try await channel.closeFuture.get()
  }

  @Test func aResponseRestartsTheTimeout() async throws {
    let channel = try await connect()
    await channel.testingEventLoop.advanceTime(by: AdminConnection.patience - .seconds(1))
    try await ask(channel)
    await channel.testingEventLoop.advanceTime(by: AdminConnection.patience - .seconds(1))
    #expect(channel.isActive)
    await channel.testingEventLoop.advanceTime(by: .seconds(1))
    try await channel.closeFuture.get()
  }

  @Test func aPartialRequestDoesNotRestartTheTimeout() async throws {
    let channel = try await connect()
    await channel.testingEventLoop.advanceTime(by: AdminConnection.patience - .seconds(1))
    try await channel.writeInbound(
      HTTPServerRequestPart.head(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/livez")))
    await channel.testingEventLoop.advanceTime(by: .seconds(1))
    try await channel.closeFuture.get()
  }
}
