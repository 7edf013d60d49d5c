import ArgumentParser
import HTTP2
import NIOCore
import Testing

@testable import scimult

/// Addresses to listen on.
@Suite struct EndpointTests {
  @Test(
    arguments: [
      ("127.0.0.1:50051", .hostAndPort(host: "127.0.0.1", port: 50_051)),
      ("localhost:0", .hostAndPort(host: "localhost", port: 0)), ("[::1]:8080", .hostAndPort(host: "::1", port: 8_080)),
      ("[::]:65535", .hostAndPort(host: "::", port: 65_535)), ("unix:/run/s.sock", .unixSocket(path: "/run/s.sock")),
      ("unix:relative:1", .unixSocket(path: "relative:1")), ("*:50051", .everywhere(port: 50_051)),
      ("unix:" + String(repeating: "x", count: 103), .unixSocket(path: String(repeating: "x", count: 103))),
    ] as [(String, ListenAddress)])
  func readsAnAddress(text: String, address: ListenAddress) throws {
    #expect(try Endpoint(parsing: text).address == address)
    #expect(address.description == text)
  }

  @Test(
    arguments: [
      "", ":", ":80", "host", "host:", "host:x", "host:-1", "host:65536", "host: 80", "::1:80", "[]:80", "unix:", "80",
      "host:+80", "*", "*.org:80", "**:80", "[*]:80", "unix:" + String(repeating: "x", count: 104), "unix:x\0y",
    ])
  func refusesWhatIsNone(text: String) {
    #expect(throws: ValidationError.self) { try Endpoint(parsing: text) }
  }

  @Test(
    arguments: [
      ("::1:80", "[::1]:80"), ("host:65536", "0 … 65535"), ("host", "HOST:PORT"), ("*.org:80", "*:80"),
      ("unix:" + String(repeating: "é", count: 53), "106 bytes, and a socket file's may have 103"),
    ])
  func saysWhatToWrite(text: String, hint: String) throws {
    let error = try #require(throws: ValidationError.self) { try Endpoint(parsing: text) }
    #expect(error.message.contains(hint))
  }

  @Test func theAdminPortIsNoSocketFile() throws {
    #expect(try AdminAddress(parsing: "off") == .off)
    #expect(try AdminAddress(parsing: "127.0.0.1:1") == .on(Endpoint(.hostAndPort(host: "127.0.0.1", port: 1))))
    #expect(try AdminAddress(parsing: "*:1") == .on(Endpoint(.everywhere(port: 1))))
    #expect(throws: ValidationError.self) { try AdminAddress(parsing: "unix:/x") }
    #expect(throws: ValidationError.self) { try AdminAddress(parsing: "on") }
  }

  @Test func whatWasBoundIsWrittenAsItCouldBeGiven() throws {
    #expect(Endpoint.text(try SocketAddress(ipAddress: "127.0.0.1", port: 41_523)) == "127.0.0.1:41523")
    #expect(Endpoint.text(try SocketAddress(ipAddress: "::1", port: 1)) == "[::1]:1")
    #expect(Endpoint.text(try SocketAddress(unixDomainSocketPath: "/run/x")) == "unix:/run/x")
  }
}
