import HTTP2
import TestSupport
import Testing

/// The limits of open connections and streams.
@Suite struct ConnectionLimitTests {
  @Test func aConnectionBeyondTheLimitIsClosedAndTheOthersLiveOn() async throws {
    let server = try await TestServer(maxConnections: 2)
    var clients = [try server.client(), try server.client()]
    let refused = try server.connect()
    refused.send(HTTP2Client.preface)
    #expect(try refused.untilClosed().isEmpty)
    for client in clients {
      client.post("/echo", stream: 1, endStream: true)
      #expect(try client.response(stream: 1).headers[":status"] == "200")
    }
    // Another connection is accepted after one was closed.
    clients[0].post("/hold", stream: 3)
    try clients[0].roundTrip()
    clients.removeFirst()
    #expect(try await server.log.wait(for: "closed 3"))
    try clients[0].roundTrip()
    let next = try server.client()
    next.post("/echo", stream: 1, endStream: true)
    #expect(try next.response(stream: 1).headers[":status"] == "200")
    try await server.stop()
  }

  @Test func connectionsAreToldOfAsTheyComeAndGo() async throws {
    let server = try await TestServer(maxConnections: 1)
    var client: HTTP2Client? = try server.client()
    try client?.roundTrip()
    #expect(server.log.all == ["opened"])
    _ = try server.connect().untilClosed()
    #expect(server.log.all == ["opened", "refused(HTTP2.ConnectionRefusal.connectionLimit)"])
    client = nil
    #expect(try await server.log.wait(for: "closed"))
    try await server.stop()
  }

  @Test func aStreamBeyondALimitThatTheClientCannotKnowYetIsRefusedAlone() async throws {
    let server = try await TestServer(limits: ConnectionLimits(maxConcurrentStreams: 2))
    let client = try server.connect()
    client.send(HTTP2Client.preface)
    client.send(HTTP2Frame(.settings))
    for stream in [UInt32(1), 3, 5] { client.post("/hold", stream: stream) }
    let reset = try client.receive(.resetStream)
    #expect(reset.stream == 5 && reset.number() == ErrorCode.refusedStream.rawValue)
    client.send(HTTP2Frame(.resetStream, stream: 1, HTTP2Frame.bigEndian(8)))
    client.post("/echo", stream: 7, endStream: true)
    #expect(try client.response(stream: 7).headers[":status"] == "200")
    try await server.stop()
  }

  @Test func aClientThatPassesTheStreamLimitKnowinglyIsEnded() async throws {
    let server = try await TestServer(limits: ConnectionLimits(maxConcurrentStreams: 2))
    let client = try server.client()
    for stream in [UInt32(1), 3, 5] { client.post("/hold", stream: stream) }
    #expect(try client.untilClosed().last?.kind == .goAway)
    for stream in [1, 3] { #expect(try await server.log.wait(for: "closed \(stream)")) }
    try await server.stop()
  }
}
