import TestSupport
import Testing

/// Header blocks over the limits are answered without being read.
@Suite struct HeaderLimitTests {
  @Test func aHeaderBlockOfTooManyBytesIsAnswered() async throws {
    let server = try await TestServer()
    let client = try server.client()
    client.post(
      "/echo", stream: 1, fields: (0..<10).map { ("x-\($0)", String(repeating: "v", count: 1_500)) }, endStream: true)
    let first = try client.response(stream: 1)
    #expect(first.headers[":status"] == "200", "15 KiB are within the limit")
    client.post(
      "/echo", stream: 3, fields: (0..<11).map { ("x-\($0)", String(repeating: "v", count: 1_500)) }, endStream: true)
    #expect(try client.response(stream: 3).headers[":status"] == "431")
    try await server.stop()
  }

  @Test func aHeaderBlockOfTooManyFieldsIsAnswered() async throws {
    let server = try await TestServer()
    let client = try server.client()
    client.post("/echo", stream: 1, fields: (0..<96).map { ("x-\($0)", "") }, endStream: true)
    #expect(try client.response(stream: 1).headers[":status"] == "200", "one hundred fields with the first four")
    client.post("/echo", stream: 3, fields: (0..<97).map { ("x-\($0)", "") }, endStream: true)
    #expect(try client.response(stream: 3).headers[":status"] == "431")
    try await server.stop()
  }

  @Test func theConnectionLivesOn() async throws {
    let server = try await TestServer()
    let client = try server.client()
    client.post("/echo", stream: 1, fields: (0..<200).map { ("x-\($0)", "") }, endStream: true)
    _ = try client.response(stream: 1)
    client.post("/echo", stream: 3)
    client.data([5], stream: 3, endStream: true)
    #expect(try client.response(stream: 3).body == [5])
    try await server.stop()
  }
}
