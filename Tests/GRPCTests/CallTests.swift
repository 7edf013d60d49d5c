import TestSupport
import Testing

/// Unary calls over a real connection.
@Suite struct CallTests {
  /// Waits until a condition is true, at most ten seconds.
  private static func waitUntil(_ isTrue: () -> Bool) async throws -> Bool {
    for _ in 0..<2_000 where !isTrue() { try await Task.sleep(for: .milliseconds(5)) }
    return isTrue()
  }

  @Test func aCallIsAnsweredWithItsMessageAndStatus() async throws {
    let server = try await TestMethods()
    let response = try server.client().call("Echo", [1, 2, 3])
    #expect(response.headers[":status"] == "200")
    #expect(response.headers["content-type"] == "application/grpc")
    #expect(response.body == HTTP2Client.frame([1, 2, 3]))
    #expect(response.trailers?["grpc-status"] == "0")
    try await server.stop()
  }

  @Test func aFailureIsTrailersOnly() async throws {
    let server = try await TestMethods()
    let response = try server.client().call("Fail", Array("field: ü".utf8))
    #expect(response.headers["grpc-status"] == "3")
    #expect(response.headers["grpc-message"] == "field: %C3%BC")
    #expect(response.body.isEmpty && response.trailers == nil)
    try await server.stop()
  }

  @Test func aMessageBeyondTheLimitIsRefusedByItsPrefixAlone() async throws {
    let server = try await TestMethods(maxMessageBytes: 10)
    let client = try server.client()
    client.open("Echo", stream: 1)
    client.data([0, 0, 0, 0, 11], stream: 1)
    let response = try client.response(stream: 1)
    #expect(response.headers["grpc-status"] == "8")
    #expect(try client.receive(.resetStream).number() == 0, "the client need not send the rest")
    #expect(try client.call("Echo", [9], stream: 3).trailers?["grpc-status"] == "0", "the connection lives on")
    try await server.stop()
  }

  @Test func aReplyBeyondTheLimitIsRefused() async throws {
    let server = try await TestMethods(maxMessageBytes: 150)
    let client = try server.client()
    let fields = try client.call("Large", [UInt8](repeating: 0, count: 51)).headers
    #expect(fields["grpc-status"] == "8")
    #expect(fields["grpc-message"]?.contains("151") == true && fields["grpc-message"]?.contains("150") == true)
    let largest = try client.call("Large", [UInt8](repeating: 0, count: 50), stream: 3)
    #expect(largest.body.count == 155)
    try await server.stop()
  }

  @Test func aDeadlineEndsTheCallAndTellsTheMethod() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    // On a busy machine a short deadline may pass before the message reaches the method.
    let attempts: [(UInt32, String)] = [(1, "20m"), (3, "100m"), (5, "500m"), (7, "5S")]
    for (stream, timeout) in attempts where server.startedCallCount == 0 {
      let response = try client.call("Hang", [1], stream: stream, fields: [("grpc-timeout", timeout)])
      #expect(response.headers["grpc-status"] == "4")
    }
    #expect(try await Self.waitUntil { server.cancelledCallCount == 1 })
    try await server.stop()
  }

  @Test func aMessageThatComesTooLateDoesNotReachTheMethod() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    for call in 0..<50 {
      let stream = UInt32(2 * call + 1)
      let response = try client.call("Echo", [1], stream: stream, fields: [("grpc-timeout", "1n")])
      #expect(response.headers["grpc-status"] == "4")
    }
    try await server.stop()
  }

  @Test func aDeadlineEndsACallWhoseMessageNeverComes() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    client.open("Echo", stream: 1, fields: [("grpc-timeout", "20m")])
    #expect(try client.response(stream: 1).headers["grpc-status"] == "4")
    try await server.stop()
  }

  @Test func aResetTellsTheMethod() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    client.open("Hang", stream: 1)
    client.data(HTTP2Client.frame([1]), stream: 1, endStream: true)
    try client.roundTrip()
    client.send(HTTP2Frame(.resetStream, stream: 1, HTTP2Frame.bigEndian(8)))
    #expect(try await Self.waitUntil { server.cancelledCallCount == 1 })
    try await server.stop()
  }

  @Test func aConnectionThatBreaksTellsTheMethods() async throws {
    let server = try await TestMethods()
    var client: HTTP2Client? = try server.client()
    for stream in [UInt32(1), 3, 5] {
      client?.open("Hang", stream: stream)
      client?.data(HTTP2Client.frame([1]), stream: stream, endStream: true)
    }
    try client?.roundTrip()
    client = nil
    #expect(try await Self.waitUntil { server.cancelledCallCount == 3 })
    try await server.stop()
  }

  @Test func aCallThatIsNotGRPCIsAnsweredAsHTTP() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    client.post("/t.T/Echo", stream: 1, fields: [("content-type", "application/json")], endStream: true)
    let response = try client.response(stream: 1)
    #expect(response.headers[":status"] == "415")
    #expect(!response.body.isEmpty)
    client.post(
      "/t.T/Echo", stream: 3, fields: [("x", String(repeating: "v", count: 17_000))], endStream: true)
    #expect(try client.response(stream: 3).headers[":status"] == "431")
    try await server.stop()
  }

  @Test func beyondTheServersBudgetOnlyTheOldestMessagesWindowOpens() async throws {
    let server = try await TestMethods(maxMessageBytes: 200_000, receiveBytes: 60_000)
    let client = try server.client()
    let body = HTTP2Client.frame([UInt8](repeating: 1, count: 80_000))
    let room = HTTP2Frame.bigEndian(1 << 20)
    client.send(HTTP2Frame(.windowUpdate, stream: 0, room))
    for stream: UInt32 in [1, 3] {
      client.open("Echo", stream: stream)
      client.send(HTTP2Frame(.windowUpdate, stream: stream, room))
      for start in [0, 16_000, 32_000] { client.data(Array(body[start..<start + 16_000]), stream: stream) }
    }
    #expect(try Self.streamsWhoseWindowOpened(client) == [1])
    for stream: UInt32 in [1, 3] {
      if stream == 3 { _ = try client.receive(.windowUpdate) { $0.stream == 3 } }
      client.data(Array(body[48_000..<64_000]), stream: stream)
      client.data(Array(body[64_000...].prefix(16_000)), stream: stream)
      client.data(Array(body[80_000...]), stream: stream, endStream: true)
      #expect(try client.response(stream: stream).body == body)
    }
    try await server.stop()
  }

  /// The streams that received a WINDOW_UPDATE for all data.
  private static func streamsWhoseWindowOpened(_ client: HTTP2Client) throws -> Set<UInt32> {
    var streams: Set<UInt32> = []
    // The server answers a ping before it sends other frames. So when the second answer arrives, all frames that were
    // pending at the first ping have been sent.
    for opaque: UInt8 in [1, 2] {
      client.send(HTTP2Frame(.ping, [UInt8](repeating: opaque, count: 8)))
      while let frame = try client.next(), frame.kind != .ping {
        if frame.kind == .windowUpdate, frame.stream > 0 { streams.insert(frame.stream) }
      }
    }
    return streams
  }

  @Test func aCallThatGoesAwayGivesItsBudgetBack() async throws {
    let server = try await TestMethods(maxMessageBytes: 1_000, receiveBytes: 1_000)
    let client = try server.client()
    client.open("Echo", stream: 1)
    client.data(Array(HTTP2Client.frame([UInt8](repeating: 1, count: 900)).prefix(400)), stream: 1)
    client.send(HTTP2Frame(.resetStream, stream: 1, HTTP2Frame.bigEndian(8)))
    #expect(try client.call("Echo", [UInt8](repeating: 3, count: 900), stream: 3).body.count == 905)
    try await server.stop()
  }
}
