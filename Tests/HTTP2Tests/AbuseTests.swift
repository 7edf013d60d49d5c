import Glibc
import HTTP2
import NIOCore
import TestSupport
import Testing

/// Attacks over a socket: the connection ends with a reason that the client and the observer receive.
@Suite struct AbuseTests {
  private static let enhanceYourCalm: UInt32 = 0xb

  /// Starts an attack on a server and expects GOAWAY(ENHANCE_YOUR_CALM) and the end of the connection.
  private func expectEnd(
    for abuse: Abuse, limits: ConnectionLimits = ConnectionLimits(), sourceLocation: SourceLocation = #_sourceLocation,
    attack: @escaping @Sendable (HTTP2Client) throws -> Void
  ) async throws {
    let server = try await TestServer(limits: limits)
    let code = try await conversation {
      let client = try server.client()
      try attack(client)
      let goaway = try client.receive(.goAway)
      while try client.next() != nil {}
      return goaway.number(at: 4)
    }
    #expect(code == Self.enhanceYourCalm, sourceLocation: sourceLocation)
    #expect(server.log.all.contains("abused(HTTP2.Abuse.\(abuse))"), sourceLocation: sourceLocation)
    try await server.stop()
  }

  @Test func rapidReset() async throws {
    try await expectEnd(for: .rapidReset, limits: ConnectionLimits(resets: Rate(burst: 50, perSecond: 1))) { client in
      for call in 0..<200 {
        client.post("/hold", stream: UInt32(2 * call + 1))
        client.send(HTTP2Frame(.resetStream, stream: UInt32(2 * call + 1), HTTP2Frame.bigEndian(8)))
      }
    }
  }

  @Test func aClientThatResetsMuchIsHeardAfterAll() async throws {
    let server = try await TestServer()
    let pong = try await conversation {
      let client = try server.client()
      for call in 0..<500 {
        client.post("/hold", stream: UInt32(2 * call + 1))
        client.send(HTTP2Frame(.resetStream, stream: UInt32(2 * call + 1), HTTP2Frame.bigEndian(8)))
      }
      client.send(HTTP2Frame(.ping, [UInt8](1...8)))
      return try client.receive(.ping).payload
    }
    #expect(pong == [UInt8](1...8))
    try await server.stop()
  }

  @Test func framesThatMakeTheServerReset() async throws {
    try await expectEnd(for: .invalidFrames) { client in
      for call in 0..<200 {
        client.post("/hold", stream: UInt32(2 * call + 1))
        client.send(HTTP2Frame(.windowUpdate, stream: UInt32(2 * call + 1), HTTP2Frame.bigEndian(0x7fff_ffff)))
      }
    }
  }

  @Test func pings() async throws {
    try await expectEnd(for: .controlFrames) { client in
      for _ in 0..<300 { client.send(HTTP2Frame(.ping, [UInt8](repeating: 7, count: 8))) }
    }
  }

  @Test func settings() async throws {
    try await expectEnd(for: .controlFrames) { client in
      for _ in 0..<300 { client.send(HTTP2Frame(.settings)) }
    }
  }

  @Test func emptyData() async throws {
    try await expectEnd(for: .emptyData) { client in
      client.post("/hold", stream: 1)
      for _ in 0..<30 { client.data([], stream: 1) }
    }
  }

  @Test func emptyDataThatIsPadded() async throws {
    try await expectEnd(for: .emptyData) { client in
      client.post("/hold", stream: 1)
      for _ in 0..<30 { client.send(HTTP2Frame(.data, flags: 0x8, stream: 1, [3, 0, 0, 0])) }
    }
  }

  @Test func priorities() async throws {
    try await expectEnd(for: .priorities) { client in
      for stream in 0..<300 { client.send(HTTP2Frame(.priority, stream: UInt32(2 * stream + 1), [0, 0, 0, 0, 9])) }
    }
  }

  @Test func windowUpdates() async throws {
    try await expectEnd(for: .windowUpdates) { client in
      for _ in 0..<100 { client.send(HTTP2Frame(.windowUpdate, HTTP2Frame.bigEndian(1))) }
    }
  }

  @Test func continuations() async throws {
    try await expectEnd(for: .continuations) { client in
      client.send(HTTP2Frame(.headers, stream: 1, [0x82]))
      for _ in 0..<100 { client.send(HTTP2Frame(.continuation, stream: 1, [0x84])) }
    }
  }

  @Test func aClientThatSaysNothing() async throws {
    let server = try await TestServer(limits: ConnectionLimits(times: ConnectionTimes(preface: .milliseconds(100))))
    try await conversation {
      let client = try server.connect()
      while try client.next() != nil {}
    }
    #expect(server.log.all.contains("abused(HTTP2.Abuse.slowPreface)"))
    try await server.stop()
  }

  @Test func aHeaderBlockThatDoesNotEnd() async throws {
    let limits = ConnectionLimits(times: ConnectionTimes(headers: .milliseconds(100)))
    try await expectEnd(for: .slowHeaders, limits: limits) { client in
      client.send(HTTP2Frame(.headers, stream: 1, [0x82]))
    }
  }

  @Test func aResponseThatIsNotReadEndsAlone() async throws {
    let limits = ConnectionLimits(times: ConnectionTimes(stall: .milliseconds(400)))
    let server = try await TestServer(limits: limits)
    try await conversation {
      let client = try server.client(settings: [(4, 10)])
      client.post("/size/1000", stream: 1, endStream: true)
      let reset = try client.receive(.resetStream)
      #expect(reset.stream == 1 && reset.number() == 8)
      client.post("/size/5", stream: 3, endStream: true)
      #expect(try client.response(stream: 3).body.count == 5, "the connection lives on")
    }
    #expect(server.log.all.contains("abused(HTTP2.Abuse.slowReader)"))
    try await server.stop()
  }

  @Test func aResponseThatIsReadSlowlyGoesOn() async throws {
    let limits = ConnectionLimits(times: ConnectionTimes(stall: .milliseconds(800)))
    let server = try await TestServer(limits: limits)
    try await conversation {
      let client = try server.client(settings: [(4, 10)])
      client.post("/size/100", stream: 1, endStream: true)
      var received = 0
      while received < 100 {
        received += try client.receive(.data).payload.count
        usleep(200_000)
        client.send(HTTP2Frame(.windowUpdate, stream: 1, HTTP2Frame.bigEndian(10)))
      }
    }
    #expect(!server.log.all.contains { $0.hasPrefix("abused") })
    try await server.stop()
  }
}
