import HTTP2
import TestSupport
import Testing

/// Flow-control windows in both directions.
@Suite struct FlowControlTests {
  @Test func aResponseLargerThanTheWindowWaitsForIt() async throws {
    let server = try await TestServer()
    let size = 200_000
    let client = try server.client(settings: [(4, 1_000)])
    client.post("/size/\(size)", stream: 1, endStream: true)
    var received = 0
    var frame = try client.receive(.data)
    received += frame.payload.count
    while received < 1_000 {
      frame = try client.receive(.data)
      received += frame.payload.count
    }
    try client.roundTrip()
    #expect(received == 1_000, "no more than the window")
    client.send(
      HTTP2Frame(.windowUpdate, stream: 0, HTTP2Frame.bigEndian(1 << 20)),
      HTTP2Frame(.windowUpdate, stream: 1, HTTP2Frame.bigEndian(1 << 20)))
    let rest = try client.response(stream: 1)
    #expect(received + rest.body.count == size)
    #expect(rest.body.allSatisfy { $0 == 0x2a })
    try await server.stop()
  }

  @Test func consumedBytesOpenTheWindow() async throws {
    let server = try await TestServer()
    let client = try server.client()
    client.post("/size/0", stream: 1)
    let chunk = [UInt8](repeating: 1, count: 16_000)
    for _ in 0..<3 { client.data(chunk, stream: 1) }
    let update = try client.receive(.windowUpdate) { $0.stream == 1 }
    #expect(update.number() >= 16_000)
    client.data([], stream: 1, endStream: true)
    _ = try client.response(stream: 1)
    try await server.stop()
  }

  @Test func unreadBytesCloseTheStreamsWindowButNotTheConnections() async throws {
    var limits = ConnectionLimits()
    limits.connectionWindowBytes = 100_000
    let server = try await TestServer(limits: limits)
    let client = try server.client()
    client.post("/hold", stream: 1)
    let chunk = [UInt8](repeating: 1, count: 16_000)
    for _ in 0..<4 { client.data(chunk, stream: 1) }
    // Another stream is not delayed.
    client.post("/size/0", stream: 3)
    for _ in 0..<3 { client.data(chunk, stream: 3) }
    client.data([], stream: 3, endStream: true)
    var streamUpdates: [UInt32] = []
    var ended = false
    while !ended, let frame = try client.next() {
      if frame.kind == .windowUpdate { streamUpdates.append(frame.stream) }
      ended = frame.stream == 3 && frame.endsStream
    }
    #expect(!streamUpdates.contains(1))
    try await server.stop()
  }

  @Test func aClientThatSendsBeyondTheWindowIsStopped() async throws {
    let server = try await TestServer()
    let client = try server.client()
    client.post("/hold", stream: 1)
    for _ in 0..<5 { client.data([UInt8](repeating: 1, count: 16_000), stream: 1) }
    var isStopped = false
    while !isStopped, let frame = try client.next() {
      isStopped = frame.kind == .goAway || (frame.kind == .resetStream && frame.stream == 1)
    }
    #expect(isStopped)
    try await server.stop()
  }
}
