import GRPC
import HTTP2
import NIOCore
import Synchronization
import TestSupport
import Testing

/// The notifications about followed requests, over a real connection.
@Suite struct RequestFollowerTests {
  /// Records notifications.
  private final class Follower: RequestFollower {
    private struct Trail: RequestTrail {
      let name: String
      let add: @Sendable (String) -> Void

      func reached(_ stage: RequestStage, at time: NIODeadline) { add("\(name) \(stage)") }
      func note(requestID: String) { add("\(name) \(requestID)") }
      func note(texts: Int, tokens: Int) { add("\(name) \(texts) \(tokens)") }
      func note(encodedTexts: Int) { add("\(name) \(encodedTexts)") }
      func ended(_ status: Status, topic: Int) { add("\(name) \(topic) \(status.code.name)") }
      func left() { add("\(name) left") }
    }

    private let notes = Mutex<[String]>([])
    private let origins = Mutex<[RequestOrigin]>([])

    var allOrigins: [RequestOrigin] { origins.withLock(\.self) }
    var all: [String] { notes.withLock(\.self) }

    func follow(_ origin: RequestOrigin) -> (any RequestTrail)? {
      guard origin.headers.first("unfollowed") == nil else { return nil }
      origins.withLock { $0.append(origin) }
      return Trail(name: origin.route.map { TestMethods.names[$0] } ?? "none") { note in
        self.notes.withLock { $0.append(note) }
      }
    }

    /// Waits until this many answers have been sent, at most ten seconds.
    func waitForDepartures(_ count: Int) async throws -> [String] {
      for _ in 0..<2_000 where all.count(where: { $0.hasSuffix("left") }) < count {
        try await Task.sleep(for: .milliseconds(5))
      }
      return all
    }
  }

  private let follower = Follower()

  @Test func aCallIsFollowedFromItsMessageUntilItsAnswerHasGone() async throws {
    let server = try await TestMethods(follower: follower)
    let client = try server.client()
    let before = NIODeadline.now()
    _ = try client.call("Topic", [7])
    #expect(try await follower.waitForDepartures(1) == ["Topic complete", "Topic 7 OK", "Topic left"])
    let origin = try #require(follower.allOrigins.first)
    #expect(before < origin.arrival && origin.arrival < .now())
    #expect(origin.peer?.ipAddress == "127.0.0.1")
    #expect(origin.headers.first(":path") == "/t.T/Topic")
    try await server.stop()
  }

  @Test func aFailureGoesWithTheCallsEnd() async throws {
    let server = try await TestMethods(follower: follower)
    let client = try server.client()
    _ = try client.call("Fail", [])
    _ = try client.call("None", [], stream: 3)
    #expect(
      try await follower.waitForDepartures(2) == [
        "Fail complete", "Fail 0 INVALID_ARGUMENT", "Fail left", "none 0 UNIMPLEMENTED", "none left",
      ])
    try await server.stop()
  }

  @Test func eachMessageOfAStreamIsFollowed() async throws {
    let server = try await TestMethods(follower: follower)
    let client = try server.client()
    client.open("TellStream", stream: 1)
    client.data(HTTP2Client.frame([0]), stream: 1)
    _ = try await follower.waitForDepartures(1)
    client.data([[3], [0]].flatMap { HTTP2Client.frame($0) }, stream: 1, endStream: true)
    _ = try client.response(stream: 1)
    let notes = try await follower.waitForDepartures(3)
    #expect(notes.count { $0 == "TellStream complete" } == 3)
    #expect(
      notes.filter { $0.contains(" 0 ") }.map { $0.split(separator: " ").last } == ["OK", "INVALID_ARGUMENT", "OK"])
    let arrivals = follower.allOrigins.map(\.arrival)
    #expect(arrivals[0] < arrivals[1], "a message arrives by itself")
    #expect(arrivals[1] == arrivals[2], "two arrive together")
    try await server.stop()
  }

  @Test func anAnswerThatIsNotReadHasNotGone() async throws {
    let server = try await TestMethods(follower: follower)
    let client = try server.client()
    // SETTINGS_INITIAL_WINDOW_SIZE: ten bytes.
    client.send(HTTP2Frame(.settings, [0, 4] + HTTP2Frame.bigEndian(10)))
    client.open("Echo", stream: 1)
    client.data(HTTP2Client.frame([UInt8](repeating: 1, count: 100)), stream: 1, endStream: true)
    try client.roundTrip()
    try client.roundTrip()
    #expect(follower.all == ["Echo complete", "Echo 0 OK"])
    client.send(HTTP2Frame(.windowUpdate, stream: 1, HTTP2Frame.bigEndian(95)))
    #expect(try await follower.waitForDepartures(1).last == "Echo left")
    try await server.stop()
  }

  @Test func aCancelledRequestLeavesImmediately() async throws {
    let server = try await TestMethods(follower: follower)
    let client = try server.client()
    client.open("Hang", stream: 1)
    client.data(HTTP2Client.frame([1]), stream: 1, endStream: true)
    client.open("Echo", stream: 3)
    try client.roundTrip()
    for stream: UInt32 in [1, 3] { client.send(HTTP2Frame(.resetStream, stream: stream, HTTP2Frame.bigEndian(8))) }
    #expect(
      try await follower.waitForDepartures(2) == [
        "Hang complete", "Hang 0 CANCELLED", "Hang left", "Echo 0 CANCELLED", "Echo left",
      ])
    try await server.stop()
  }

  @Test func requestsThatAreNotFollowedAreAnswered() async throws {
    let server = try await TestMethods(follower: follower)
    let client = try server.client()
    client.open("Echo", stream: 1, fields: [("unfollowed", "1")])
    client.data(HTTP2Client.frame([1]), stream: 1, endStream: true)
    #expect(try client.response(stream: 1).trailers?["grpc-status"] == "0")
    #expect(follower.all.isEmpty)
    try await server.stop()
  }
}
