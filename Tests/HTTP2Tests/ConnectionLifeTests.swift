import NIOCore
import TestSupport
import Testing

@testable import HTTP2

/// Keepalive, idle connections and maximum age.
@Suite struct ConnectionLifeTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

  private static func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

  private static func life(
    keepalive: Int64? = nil, idle: Int64? = nil, age: Int64? = nil, ageFactor: Double = 1
  ) -> ConnectionLife {
    let times = ConnectionTimes(
      keepalive: keepalive.map { .seconds($0) }, idle: idle.map { .seconds($0) }, age: age.map { .seconds($0) })
    return ConnectionLife(times, ageFactor: ageFactor, now: start)
  }

  @Test func withoutLimitsNothingIsDue() {
    var life = Self.life()
    #expect(life.nextDeadline == nil)
    #expect(life.takeAction(at: Self.at(1_000_000)) == nil)
  }

  @Test func aSilentClientIsAskedAndThenGivenUp() {
    var life = Self.life(keepalive: 60)
    #expect(life.nextDeadline == Self.at(60))
    #expect(life.takeAction(at: Self.at(59)) == nil)
    #expect(life.takeAction(at: Self.at(60)) == .ping)
    #expect(life.nextDeadline == Self.at(60) + ConnectionLife.patience)
    #expect(life.takeAction(at: Self.at(79)) == nil, "asked once")
    #expect(life.takeAction(at: Self.at(80)) == .close)
  }

  @Test func anyByteAnswersThePing() {
    var life = Self.life(keepalive: 60)
    #expect(life.takeAction(at: Self.at(60)) == .ping)
    life.heard(at: Self.at(70))
    #expect(life.takeAction(at: Self.at(80)) == nil)
    #expect(life.nextDeadline == Self.at(130))
    #expect(life.takeAction(at: Self.at(130)) == .ping)
  }

  @Test func aConnectionWithoutCallsEndsWithoutLoss() {
    var life = Self.life(idle: 300)
    life.streams(open: 1, at: Self.at(100))
    #expect(life.nextDeadline == nil, "a call may take as long as it likes")
    life.streams(open: 0, at: Self.at(1_000))
    life.streams(open: 0, at: Self.at(1_200))
    #expect(life.takeAction(at: Self.at(1_299)) == nil)
    #expect(life.takeAction(at: Self.at(1_300)) == .drain)
    #expect(life.takeAction(at: Self.at(2_000)) == nil, "told once")
    #expect(life.nextDeadline == nil)
  }

  @Test func anOldConnectionEndsWhateverItDoes() {
    var life = Self.life(idle: 300, age: 600, ageFactor: 1.05)
    life.streams(open: 3, at: Self.at(1))
    life.heard(at: Self.at(629))
    #expect(life.takeAction(at: Self.at(629)) == nil)
    #expect(life.takeAction(at: Self.at(630)) == .drain)
  }

  @Test func aDrainingConnectionIsStillAskedWhetherItsClientIsThere() {
    var life = Self.life(keepalive: 60, age: 10)
    life.streams(open: 1, at: Self.at(1))
    #expect(life.takeAction(at: Self.at(10)) == .drain)
    #expect(life.takeAction(at: Self.at(60)) == .ping)
    #expect(life.takeAction(at: Self.at(80)) == .close)
  }

  // MARK: Over a socket

  @Test func aQuietConnectionIsPinged() async throws {
    let server = try await TestServer(limits: ConnectionLimits(times: ConnectionTimes(keepalive: .milliseconds(50))))
    try await conversation {
      let client = try server.client()
      for _ in 0..<3 {
        let ping = try client.receive(.ping)
        client.send(HTTP2Frame(.ping, flags: HTTP2Frame.acknowledge, ping.payload))
      }
      client.post("/echo", stream: 1)
      client.data([1], stream: 1, endStream: true)
      #expect(try client.response(stream: 1).body == [1], "it serves on")
    }
    try await server.stop()
  }

  @Test func anIdleConnectionIsEndedButNotOneWithACall() async throws {
    let server = try await TestServer(limits: ConnectionLimits(times: ConnectionTimes(idle: .milliseconds(100))))
    try await conversation {
      let busy = try server.client()
      busy.post("/echo", stream: 1)
      let idle = try server.client()
      #expect(try idle.receive(.goAway).number() == 0x7fff_ffff)
      let ping = try idle.receive(.ping)
      idle.send(HTTP2Frame(.ping, flags: HTTP2Frame.acknowledge, ping.payload))
      _ = try idle.untilClosed()
      busy.data([1], stream: 1, endStream: true)
      #expect(try busy.response(stream: 1).body == [1])
      #expect(try busy.receive(.goAway).number() == 0x7fff_ffff, "idle once its call is answered")
    }
    try await server.stop()
  }

  @Test func anOldConnectionFinishesItsCalls() async throws {
    let server = try await TestServer(limits: ConnectionLimits(times: ConnectionTimes(age: .milliseconds(100))))
    try await conversation {
      let client = try server.client()
      client.post("/echo", stream: 1)
      _ = try client.receive(.goAway)
      let ping = try client.receive(.ping)
      client.send(HTTP2Frame(.ping, flags: HTTP2Frame.acknowledge, ping.payload))
      #expect(try client.receive(.goAway).number() == 1)
      client.data([1], stream: 1, endStream: true)
      let rest = try client.untilClosed()
      #expect(rest.contains { $0.kind == .data && $0.payload == [1] })
    }
    try await server.stop()
  }
}
