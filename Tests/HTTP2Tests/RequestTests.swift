import TestSupport
import Testing

/// Requests and responses over a real socket.
@Suite struct RequestTests {
  @Test func aRequestIsAnswered() async throws {
    let server = try await TestServer()
    let client = try server.client()
    client.post("/echo", stream: 1)
    client.data(Array("hello, ".utf8), stream: 1)
    client.data(Array("world".utf8), stream: 1, endStream: true)
    let response = try client.response(stream: 1)
    #expect(response.headers[":status"] == "200")
    #expect(response.headers["x-path"] == "/echo")
    #expect(String(decoding: response.body, as: UTF8.self) == "hello, world")
    #expect(response.trailers == ["x-end": "yes"])
    #expect(try await server.log.wait(for: "closed 1"))
    try await server.stop()
  }

  @Test func aRequestMayArriveByteByByte() async throws {
    let server = try await TestServer()
    let client = try server.connect()
    let headers = HTTP2Frame.headerBlock([
      (":method", "POST"), (":scheme", "http"), (":path", "/echo"), (":authority", "test"),
    ])
    let bytes =
      HTTP2Client.preface + HTTP2Frame(.settings).bytes
      + HTTP2Frame(.headers, flags: HTTP2Frame.endHeaders, stream: 1, headers).bytes
      + HTTP2Frame(.data, flags: HTTP2Frame.endStream, stream: 1, [7, 8, 9]).bytes
    for byte in bytes { client.send([byte]) }
    #expect(try client.response(stream: 1).body == [7, 8, 9])
    try await server.stop()
  }

  @Test func headersMayComeInSeveralFrames() async throws {
    let server = try await TestServer()
    let client = try server.client()
    let block = HTTP2Frame.headerBlock([
      (":method", "POST"), (":scheme", "http"), (":path", "/echo"), (":authority", "test"), ("x", "y"),
    ])
    client.send(
      HTTP2Frame(.headers, flags: HTTP2Frame.endStream, stream: 1, Array(block[..<10])),
      HTTP2Frame(.continuation, stream: 1, Array(block[10..<20])),
      HTTP2Frame(.continuation, flags: HTTP2Frame.endHeaders, stream: 1, Array(block[20...])))
    #expect(try client.response(stream: 1).headers[":status"] == "200")
    try await server.stop()
  }

  @Test func aRequestWithTrailersEndsWithThem() async throws {
    let server = try await TestServer()
    let client = try server.client()
    client.post("/echo", stream: 1)
    client.data([1], stream: 1)
    client.send(
      HTTP2Frame(
        .headers, flags: HTTP2Frame.endHeaders | HTTP2Frame.endStream, stream: 1,
        HTTP2Frame.headerBlock([("x-trailer", "1")])))
    #expect(try client.response(stream: 1).body == [1])
    #expect(server.log.all.filter { $0.hasPrefix("headers") }.count == 1)
    try await server.stop()
  }

  @Test func streamsOfAConnectionDoNotMix() async throws {
    let server = try await TestServer()
    let client = try server.client()
    let streams = stride(from: UInt32(1), to: 41, by: 2).map { $0 }
    for stream in streams { client.post("/echo", stream: stream) }
    for part in [UInt8(1), 2, 3] {
      for stream in streams { client.data([UInt8(stream), part], stream: stream, endStream: part == 3) }
    }
    var bodies: [UInt32: [UInt8]] = [:]
    var ended = 0
    while ended < streams.count, let frame = try client.next() {
      if frame.kind == .data { bodies[frame.stream, default: []] += frame.payload }
      if frame.stream != 0, frame.endsStream { ended += 1 }
    }
    for stream in streams { #expect(bodies[stream] == [UInt8(stream), 1, UInt8(stream), 2, UInt8(stream), 3]) }
    try await server.stop()
  }

  @Test func theLimitsAreAdvertised() async throws {
    let server = try await TestServer()
    let client = try server.connect()
    client.send(HTTP2Client.preface + HTTP2Frame(.settings).bytes)
    let frame = try client.receive(.settings)
    let settings = stride(from: 0, to: frame.payload.count, by: 6).map { start in
      [UInt32(frame.payload[start + 1]), frame.number(at: start + 2)]
    }
    #expect(settings.contains([3, 256]), "SETTINGS_MAX_CONCURRENT_STREAMS")
    #expect(settings.contains([4, 64 << 10]), "SETTINGS_INITIAL_WINDOW_SIZE")
    #expect(settings.contains([6, 16 << 10]), "SETTINGS_MAX_HEADER_LIST_SIZE")
    try await server.stop()
  }
}
