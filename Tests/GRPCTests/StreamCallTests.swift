import TestSupport
import Testing

/// Calls with many messages over a real connection.
@Suite struct StreamCallTests {
  /// Reads a stream's body until it has this many bytes.
  private static func body(_ client: HTTP2Client, stream: UInt32, bytes: Int) throws -> [UInt8] {
    var body: [UInt8] = []
    while body.count < bytes { body += try client.receive(.data) { $0.stream == stream }.payload }
    return body
  }

  private static func waitUntil(_ isTrue: () -> Bool) async throws -> Bool {
    for _ in 0..<2_000 where !isTrue() { try await Task.sleep(for: .milliseconds(5)) }
    return isTrue()
  }

  @Test func eachRequestIsAnsweredBeforeTheStreamEnds() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    client.open("EchoStream", stream: 1)
    for message in [[1], [], [2, 3]] as [[UInt8]] {
      let frame = HTTP2Client.frame(message)
      client.data(frame, stream: 1)
      #expect(try Self.body(client, stream: 1, bytes: frame.count) == frame)
    }
    client.data([], stream: 1, endStream: true)
    #expect(try client.receive(.headers) { $0.endsStream }.fields["grpc-status"] == "0")
    try await server.stop()
  }

  @Test func manyRequestsInOneFrameAreAnswered() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    let frames = (0..<200).flatMap { HTTP2Client.frame([UInt8($0)]) }
    client.open("EchoStream", stream: 1)
    client.data(frames, stream: 1, endStream: true)
    let response = try client.response(stream: 1)
    #expect(response.body == frames)
    #expect(response.trailers?["grpc-status"] == "0")
    try await server.stop()
  }

  @Test func aStreamWithoutRequestsEndsWell() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    client.open("EchoStream", stream: 1, endStream: true)
    #expect(try client.response(stream: 1).trailers?["grpc-status"] == "0")
    try await server.stop()
  }

  @Test func repliesComeInTheOrderInWhichTheyAreReady() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    client.open("HoldStream", stream: 1)
    client.data([[1], [2], [3]].flatMap { HTTP2Client.frame($0) }, stream: 1, endStream: true)
    #expect(try await Self.waitUntil { server.startedCallCount == 3 })
    for _ in 0..<3 { server.releaseNewest() }
    let response = try client.response(stream: 1)
    #expect(response.body == [[3], [2], [1]].flatMap { HTTP2Client.frame($0) })
    try await server.stop()
  }

  @Test func aFailureEndsTheStreamBehindItsReplies() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    client.open("FailStream", stream: 1)
    client.data(HTTP2Client.frame(Array("no".utf8)), stream: 1)
    let response = try client.response(stream: 1)
    #expect(response.headers["grpc-status"] == "3", "without replies, trailers only")
    client.open("EchoStream", stream: 3)
    client.data(HTTP2Client.frame([1]) + [9, 0, 0, 0, 0], stream: 3)
    let broken = try client.response(stream: 3)
    #expect((broken.trailers ?? broken.headers)["grpc-status"] == "13")
    try await server.stop()
  }

  @Test func oneRequestMayHaveManyReplies() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    let response = try client.call("Count", [3])
    #expect(response.body == (0..<3).flatMap { HTTP2Client.frame([$0]) })
    #expect(response.trailers?["grpc-status"] == "3")
    try await server.stop()
  }

  @Test func aResetTellsEveryRequest() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    client.open("HoldStream", stream: 1)
    client.data((0..<5).flatMap { HTTP2Client.frame([$0]) }, stream: 1)
    #expect(try await Self.waitUntil { server.startedCallCount == 5 })
    client.send(HTTP2Frame(.resetStream, stream: 1, HTTP2Frame.bigEndian(8)))
    #expect(try await Self.waitUntil { server.cancelledCallCount == 5 })
    try await server.stop()
  }

  @Test func aDeadlineEndsTheStream() async throws {
    let server = try await TestMethods()
    let client = try server.client()
    client.open("HoldStream", stream: 1, fields: [("grpc-timeout", "50m")])
    client.data(HTTP2Client.frame([1]), stream: 1)
    #expect(try client.response(stream: 1).headers["grpc-status"] == "4")
    try await server.stop()
  }

  @Test func aClientThatSendsFastIsHeldBack() async throws {
    let server = try await TestMethods(receiveBytes: 1 << 20)
    let client = try server.client()
    client.open("HoldStream", stream: 1)
    // 64 requests may be running; the window is 64 KiB.
    client.data((0..<70).flatMap { HTTP2Client.frame([$0]) }, stream: 1)
    #expect(try await Self.waitUntil { server.startedCallCount == 64 })
    try client.roundTrip()
    #expect(server.startedCallCount == 64)
    server.releaseNewest()
    #expect(try await Self.waitUntil { server.startedCallCount == 65 }, "an answer lets the next one on")
    for _ in 0..<69 {
      #expect(try await Self.waitUntil { server.heldCallCount > 0 })
      server.releaseNewest()
    }
    client.data([], stream: 1, endStream: true)
    let response = try client.response(stream: 1)
    #expect(response.body.count == 70 * 6)
    #expect(response.trailers?["grpc-status"] == "0")
    try await server.stop()
  }

  @Test func aStreamGoesOnWhenTheServersBudgetHasRoomAgain() async throws {
    let server = try await TestMethods(maxMessageBytes: 200_000, receiveBytes: 40_000)
    let client = try server.client()
    let large = HTTP2Client.frame([UInt8](repeating: 1, count: 60_000))
    client.open("Echo", stream: 1)
    for start in [0, 16_000, 32_000] { client.data(Array(large[start..<start + 16_000]), stream: 1) }
    // An older message has spent the budget. One of the stream's messages waits, and is complete afterwards.
    let frame = HTTP2Client.frame([UInt8](repeating: 2, count: 15_000))
    client.open("EchoStream", stream: 3)
    for stream: UInt32 in [0, 3] {
      client.send(HTTP2Frame(.windowUpdate, stream: stream, HTTP2Frame.bigEndian(1 << 20)))
    }
    client.data(Array(frame[..<10_000]), stream: 3)
    try client.roundTrip()
    client.data(Array(frame[10_000...]), stream: 3)
    #expect(try Self.body(client, stream: 3, bytes: frame.count) == frame)
    for _ in 0..<3 { client.data(frame, stream: 3) }
    client.data(Array(large[48_000...]), stream: 1, endStream: true)
    var window = (64 << 10) - 4 * frame.count
    while window < frame.count {
      window += Int(try client.receive(.windowUpdate) { $0.stream == 3 }.number())
    }
    client.data(frame, stream: 3, endStream: true)
    #expect(try client.receive(.headers) { $0.stream == 3 && $0.endsStream }.fields["grpc-status"] == "0")
    try await server.stop()
  }

  @Test func aClientThatDoesNotReadIsHeldBack() async throws {
    let server = try await TestMethods(maxMessageBytes: 100_000, receiveBytes: 10 << 20)
    let client = try server.client()
    client.open("EchoStream", stream: 1)
    let frame = HTTP2Client.frame([UInt8](repeating: 5, count: 15_000))
    var window = 64 << 10
    var sent = 0
    var replies: [UInt8] = []
    // The client's own window accepts 64 KiB of replies. The server buffers about 256 KiB more, then reads no more
    // requests.
    while sent < 1_000, window >= frame.count {
      client.data(frame, stream: 1)
      window -= frame.count
      sent += 1
      if window < frame.count { window += try Self.windowOpened(client, &replies) }
    }
    #expect((15..<60).contains(sent), "\(sent) requests")
    #expect((200_000..<700_000).contains(server.sendBudget.usedBytes), "\(server.sendBudget.usedBytes) bytes wait")

    for stream: UInt32 in [0, 1] {
      client.send(HTTP2Frame(.windowUpdate, stream: stream, HTTP2Frame.bigEndian(8 << 20)))
    }
    while replies.count < sent * frame.count {
      let next = try client.receive(.data) { $0.stream == 1 }
      replies += next.payload
    }
    #expect(replies == (0..<sent).flatMap { _ in frame })
    #expect(try await Self.waitUntil { server.sendBudget.usedBytes == 0 })
    client.data([], stream: 1, endStream: true)
    #expect(try client.receive(.headers) { $0.endsStream }.fields["grpc-status"] == "0")
    try await server.stop()
  }

  @Test func aClientThatDoesNotReadIsGivenNoNewWork() async throws {
    let server = try await TestMethods(maxMessageBytes: 100_000, receiveBytes: 10 << 20)
    let client = try server.client()
    let size = 30_000
    let streams = (0..<100).map { UInt32(2 * $0 + 1) }
    for stream in streams {
      client.open("Echo", stream: stream)
      // The first call ends when all the others are waiting.
      let frame = HTTP2Client.frame([UInt8](repeating: UInt8(stream % 100), count: size))
      for start in stride(from: 0, to: frame.count, by: 16_000) {
        let part = frame[start..<min(start + 16_000, frame.count)]
        client.data(Array(part), stream: stream, endStream: stream > 1 && part.endIndex == frame.count)
      }
    }
    client.data([], stream: 1, endStream: true)
    #expect(try await Self.waitUntil { server.sendBudget.usedBytes >= 1 << 20 })
    try client.roundTrip()
    #expect(server.sendBudget.usedBytes < (1 << 20) + 2 * size, "\(server.sendBudget.usedBytes) bytes wait")

    client.send(HTTP2Frame(.windowUpdate, stream: 0, HTTP2Frame.bigEndian(8 << 20)))
    for stream in streams {
      let response = try client.response(stream: stream)
      #expect(response.body == HTTP2Client.frame([UInt8](repeating: UInt8(stream % 100), count: size)))
      #expect(response.trailers?["grpc-status"] == "0")
    }
    #expect(try await Self.waitUntil { server.sendBudget.usedBytes == 0 })
    try await server.stop()
  }

  @Test func repliesOfAResetStreamAreGivenBack() async throws {
    let server = try await TestMethods(maxMessageBytes: 200_000, receiveBytes: 1 << 20)
    let client = try server.client()
    // Six replies exceed the client's window.
    let streams = stride(from: UInt32(1), through: 11, by: 2)
    for stream in streams {
      client.open("Echo", stream: stream)
      client.data(HTTP2Client.frame([UInt8](repeating: 5, count: 15_000)), stream: stream, endStream: true)
    }
    #expect(try await Self.waitUntil { server.sendBudget.usedBytes > 0 })
    for stream in streams { client.send(HTTP2Frame(.resetStream, stream: stream, HTTP2Frame.bigEndian(8))) }
    #expect(try await Self.waitUntil { server.sendBudget.usedBytes == 0 })
    try await server.stop()
  }

  /// The additional bytes that the server allows the client to send, after some time.
  private static func windowOpened(_ client: HTTP2Client, _ replies: inout [UInt8]) throws -> Int {
    var opened = 0
    // A request takes a trip to the method and back through the event loop: after some pings it is answered.
    for opaque: UInt8 in 1...20 {
      client.send(HTTP2Frame(.ping, [UInt8](repeating: opaque, count: 8)))
      while let frame = try client.next(), frame.kind != .ping {
        if frame.kind == .windowUpdate, frame.stream == 1 { opened += Int(frame.number()) }
        if frame.kind == .data { replies += frame.payload }
      }
      if opened > 0 { break }
    }
    return opened
  }
}
