import GRPC
import Synchronization
import TestSupport
import Testing

/// An observer's notifications about requests, over a real connection.
@Suite struct RequestObserverTests {
  /// Records notifications.
  private final class Notes: RequestObserver {
    private let notes = Mutex<[String]>([])

    private func name(_ request: RequestRecord) -> String { request.route.map { TestMethods.names[$0] } ?? "none" }

    var all: [String] { notes.withLock(\.self) }

    private func add(_ note: String) { notes.withLock { $0.append(note) } }

    func requestBegan(_ request: RequestRecord) { add("began \(name(request))") }

    func requestWasReplied(_ request: RequestRecord) { add("replied \(name(request))") }

    func requestEnded(_ request: RequestRecord, _ status: Status) {
      let refusal = status.refusal.map { " \($0)" } ?? ""
      add(
        "ended \(name(request)) \(request.topic) \(status.code.name)\(refusal)\(request.start == nil ? " early" : "")")
    }

    func requestWasNoCall(_ reason: NoCall) { add("no call \(reason)") }

    /// Waits until this many requests have ended, at most ten seconds.
    func waitForEnds(_ count: Int) async throws -> Bool {
      for _ in 0..<2_000 where ends.count < count { try await Task.sleep(for: .milliseconds(5)) }
      return ends.count == count
    }

    var ends: [String] { all.filter { $0.hasPrefix("ended") } }
  }

  private let notes = Notes()

  @Test func anAnswerIsToldBeforeTheClientHasIt() async throws {
    let server = try await TestMethods(observer: notes)
    let client = try server.client()
    _ = try client.call("Echo", [1])
    #expect(notes.all == ["began Echo", "ended Echo 0 OK", "replied Echo"])
    _ = try client.call("Fail", [], stream: 3)
    #expect(notes.ends.last == "ended Fail 0 INVALID_ARGUMENT")
    try await server.stop()
  }

  @Test func theTopicIsWhatTheMethodNoted() async throws {
    let server = try await TestMethods(observer: notes)
    _ = try server.client().call("Topic", [7])
    #expect(notes.ends == ["ended Topic 7 OK"])
    try await server.stop()
  }

  @Test func eachMessageOfAStreamIsARequestWithTheStatusThatItsReplyTells() async throws {
    let server = try await TestMethods(observer: notes)
    let client = try server.client()
    client.open("TellStream", stream: 1)
    client.data([[0], [3], [0]].flatMap { HTTP2Client.frame($0) }, stream: 1, endStream: true)
    #expect(try client.response(stream: 1).trailers?["grpc-status"] == "0")
    #expect(
      notes.ends.map { $0.split(separator: " ").last } == ["OK", "INVALID_ARGUMENT", "OK"])
    #expect(notes.all.count { $0 == "began TellStream" } == 3)
    #expect(notes.all.count { $0 == "replied TellStream" } == 3)
    try await server.stop()
  }

  @Test func oneRequestMayHaveManyReplies() async throws {
    let server = try await TestMethods(observer: notes)
    _ = try server.client().call("Count", [4])
    #expect(notes.all.count { $0 == "replied Count" } == 4)
    #expect(notes.ends == ["ended Count 0 INVALID_ARGUMENT"])
    try await server.stop()
  }

  @Test func aResetEndsAllThatIsUnderWay() async throws {
    let server = try await TestMethods(observer: notes)
    let client = try server.client()
    client.open("HoldStream", stream: 1)
    client.data((0..<3).flatMap { HTTP2Client.frame([$0]) }, stream: 1)
    client.open("Hang", stream: 3)
    client.data(HTTP2Client.frame([1]), stream: 3, endStream: true)
    client.open("Echo", stream: 5)
    client.open("EchoStream", stream: 7)
    try client.roundTrip()
    for stream: UInt32 in [1, 3, 5, 7] {
      client.send(HTTP2Frame(.resetStream, stream: stream, HTTP2Frame.bigEndian(8)))
    }
    #expect(try await notes.waitForEnds(5), "a stream without requests is none")
    #expect(notes.ends.filter { $0 == "ended HoldStream 0 CANCELLED" }.count == 3)
    #expect(notes.ends.contains("ended Hang 0 CANCELLED"))
    #expect(notes.ends.contains("ended Echo 0 CANCELLED early"))
    try await server.stop()
  }

  @Test func aDeadlineEndsWhatIsUnderWayAndWhatNeverBegan() async throws {
    let server = try await TestMethods(observer: notes)
    let client = try server.client()
    client.open("Echo", stream: 1, fields: [("grpc-timeout", "20m")])
    _ = try client.response(stream: 1)
    client.open("HoldStream", stream: 3, fields: [("grpc-timeout", "1S")])
    client.data(HTTP2Client.frame([1]), stream: 3)
    _ = try client.response(stream: 3)
    #expect(
      notes.ends == [
        "ended Echo 0 DEADLINE_EXCEEDED deadline early", "ended HoldStream 0 DEADLINE_EXCEEDED deadline",
      ])
    try await server.stop()
  }

  @Test func whatIsTooLargeSaysSo() async throws {
    let server = try await TestMethods(maxMessageBytes: 150, observer: notes)
    let client = try server.client()
    for (stream, method) in [(1, "Echo"), (3, "EchoStream")] as [(UInt32, String)] {
      client.open(method, stream: stream)
      client.data([0, 0, 0, 0, 151], stream: stream)
      _ = try client.response(stream: stream)
    }
    _ = try client.call("Large", [UInt8](repeating: 0, count: 51), stream: 5)
    #expect(
      notes.ends == [
        "ended Echo 0 RESOURCE_EXHAUSTED messageTooLarge early",
        "ended EchoStream 0 RESOURCE_EXHAUSTED messageTooLarge early",
        "ended Large 0 RESOURCE_EXHAUSTED replyTooLarge",
      ])
    try await server.stop()
  }

  @Test func aFailureOfAStreamEndsItsOtherRequestsToo() async throws {
    let server = try await TestMethods(observer: notes)
    let client = try server.client()
    client.open("HoldStream", stream: 1)
    client.data(HTTP2Client.frame([1]) + [9, 0, 0, 0, 0], stream: 1)
    _ = try client.response(stream: 1)
    #expect(notes.ends.sorted() == ["ended HoldStream 0 INTERNAL", "ended HoldStream 0 INTERNAL early"])
    try await server.stop()
  }

  @Test func whatIsNoMethodAndWhatIsNoCall() async throws {
    let server = try await TestMethods(observer: notes)
    let client = try server.client()
    _ = try client.call("None", [])
    client.post("/t.T/Echo", stream: 3, fields: [("content-type", "text/plain")], endStream: true)
    _ = try client.response(stream: 3)
    client.post("/t.T/Echo", stream: 5, fields: [("x", String(repeating: "v", count: 17_000))], endStream: true)
    _ = try client.response(stream: 5)
    #expect(notes.all == ["ended none 0 UNIMPLEMENTED early", "no call notGRPC", "no call headersTooLarge"])
    try await server.stop()
  }
}
