import NIOCore
import TestSupport
import Testing

/// Stopping without losing a request.
@Suite struct DrainTests {
  private static func drain(_ server: TestServer, grace: TimeAmount = .seconds(60)) -> Task<Void, any Error> {
    Task { try await server.server.drain(grace: grace) }
  }

  @Test func openStreamsFinishBehindTwoGoAways() async throws {
    let server = try await TestServer()
    let (first, second, rest, drained) = try await conversation {
      let client = try server.client()
      client.post("/echo", stream: 1)
      try client.roundTrip()
      let drained = Self.drain(server)
      let first = try client.receive(.goAway)
      let ping = try client.receive(.ping)
      // A stream that the client opened before it received GOAWAY.
      client.post("/echo", stream: 3)
      client.send(HTTP2Frame(.ping, flags: HTTP2Frame.acknowledge, ping.payload))
      let second = try client.receive(.goAway)
      for stream in [UInt32(1), 3] { client.data([UInt8(stream)], stream: stream, endStream: true) }
      return (first, second, try client.untilClosed(), drained)
    }
    try await drained.value
    #expect(first.number() == 0x7fff_ffff && first.number(at: 4) == 0, "refuses nothing")
    #expect(second.number() == 3 && second.number(at: 4) == 0, "the last stream that is served")
    #expect(rest.filter { $0.kind == .data && !$0.payload.isEmpty }.map(\.payload) == [[1], [3]])
    #expect(rest.filter { $0.kind == .headers && $0.endsStream }.map(\.stream) == [1, 3])
    #expect(throws: HTTP2Client.Failure.self, "no more connections") { try server.connect() }
  }

  @Test func anIdleConnectionIsClosedAtOnce() async throws {
    let server = try await TestServer()
    let drained = try await conversation {
      let client = try server.client()
      try client.roundTrip()
      let drained = Self.drain(server)
      let ping = try client.receive(.ping)
      client.send(HTTP2Frame(.ping, flags: HTTP2Frame.acknowledge, ping.payload))
      _ = try client.untilClosed()
      return drained
    }
    try await drained.value
  }

  @Test func aServerWithoutConnectionsIsDrainedAtOnce() async throws {
    try await Self.drain(TestServer()).value
  }

  @Test func openConnectionsAreClosedAfterTheGracePeriod() async throws {
    let server = try await TestServer()
    let drained = try await conversation {
      let client = try server.client()
      client.post("/hold", stream: 1)
      try client.roundTrip()
      let drained = Self.drain(server, grace: .milliseconds(20))
      _ = try client.untilClosed()
      return drained
    }
    try await drained.value
    #expect(try await server.log.wait(for: "closed 1"))
  }
}
