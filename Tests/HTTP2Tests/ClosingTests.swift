import TestSupport
import Testing

/// How streams and connections end prematurely.
@Suite struct ClosingTests {
  @Test func aResetInsideABodyClosesTheHandler() async throws {
    let server = try await TestServer()
    let client = try server.client()
    client.post("/hold", stream: 1)
    client.data([1, 2, 3], stream: 1)
    #expect(try await server.log.wait(for: "data 1"))
    client.send(HTTP2Frame(.resetStream, stream: 1, HTTP2Frame.bigEndian(8)))
    #expect(try await server.log.wait(for: "closed 1"))
    #expect(!server.log.all.contains("end 1"))
    client.post("/echo", stream: 3, endStream: true)
    #expect(try client.response(stream: 3).headers[":status"] == "200", "the connection lives on")
    try await server.stop()
  }

  @Test func aResetWhileAResponseWaitsClosesTheHandler() async throws {
    let server = try await TestServer()
    let client = try server.client(settings: [(4, 10)])
    client.post("/size/100000", stream: 1, endStream: true)
    _ = try client.receive(.data)
    client.send(HTTP2Frame(.resetStream, stream: 1, HTTP2Frame.bigEndian(8)))
    #expect(try await server.log.wait(for: "closed 1"))
    try await server.stop()
  }

  @Test func aConnectionThatBreaksClosesEveryHandler() async throws {
    let server = try await TestServer()
    var client: HTTP2Client? = try server.client()
    for stream in [UInt32(1), 3, 5] { client?.post("/hold", stream: stream) }
    try client?.roundTrip()
    client = nil
    for stream in [1, 3, 5] { #expect(try await server.log.wait(for: "closed \(stream)")) }
    try await server.stop()
  }

  @Test(
    arguments: [
      "GET / HTTP/1.1\r\nHost: test\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
      "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}ÿÿÿ this is a greeting of TLS, or would be",
    ])
  func bytesThatAreNoPrefaceCloseTheConnection(text: String) async throws {
    let server = try await TestServer()
    let client = try server.connect()
    client.send(Array(text.utf8))
    let frames = try client.untilClosed()
    #expect(frames.allSatisfy { [.settings, .windowUpdate, .goAway].contains($0.kind) })
    let other = try server.client()
    other.post("/echo", stream: 1, endStream: true)
    #expect(try other.response(stream: 1).headers[":status"] == "200", "the server lives on")
    try await server.stop()
  }

  @Test func aBrokenFrameIsAnsweredWithGoAway() async throws {
    let server = try await TestServer()
    let client = try server.client()
    // The length of a SETTINGS frame must be a multiple of six bytes.
    client.send(HTTP2Frame(.settings, [1, 2, 3]))
    let frames = try client.untilClosed()
    #expect(frames.last?.kind == .goAway)
    try await server.stop()
  }
}
