import NIOCore
import TestSupport
import Testing

/// Stopping without losing a request.
///
/// One at a time: a test blocks its thread while the drain needs another.
@Suite(.serialized) struct DrainTests {
  @Test func openStreamsFinishBehindTwoGoAways() async throws {
    let server = try await TestServer()
    let client = try server.client()
    client.post("/echo", stream: 1)
    try client.roundTrip()
    async let drained: Void = server.server.drain(grace: .seconds(30))
    let first = try client.receive(.goAway)
    #expect(first.number() == 0x7fff_ffff && first.number(at: 4) == 0, "refuses nothing")
    let ping = try client.receive(.ping)
    // A stream that the client opened before it heard of the end.
    client.post("/echo", stream: 3)
    client.send(HTTP2Frame(.ping, flags: HTTP2Frame.acknowledge, ping.payload))
    let second = try client.receive(.goAway)
    #expect(second.number() == 3 && second.number(at: 4) == 0, "the last stream that is served")
    for stream in [UInt32(1), 3] { client.data([UInt8(stream)], stream: stream, endStream: true) }
    let frames = try client.untilClosed()
    #expect(frames.filter { $0.kind == .data && !$0.payload.isEmpty }.map(\.payload) == [[1], [3]])
    #expect(frames.filter { $0.kind == .headers && $0.endsStream }.map(\.stream) == [1, 3])
    try await drained
    #expect(throws: HTTP2Client.Failure.self, "no more connections") { try server.connect() }
  }

  @Test func anIdleConnectionIsClosedAtOnce() async throws {
    let server = try await TestServer()
    let client = try server.client()
    try client.roundTrip()
    async let drained: Void = server.server.drain(grace: .seconds(30))
    let ping = try client.receive(.ping)
    client.send(HTTP2Frame(.ping, flags: HTTP2Frame.acknowledge, ping.payload))
    _ = try client.untilClosed()
    try await drained
  }

  @Test func aServerWithoutConnectionsIsDrainedAtOnce() async throws {
    try await TestServer().server.drain(grace: .seconds(30))
  }

  @Test func whatIsOpenAfterTheGraceIsClosed() async throws {
    let server = try await TestServer()
    let client = try server.client()
    client.post("/hold", stream: 1)
    try client.roundTrip()
    try await server.server.drain(grace: .milliseconds(20))
    #expect(server.log.wait(for: "closed 1"))
    _ = try client.untilClosed()
  }
}
