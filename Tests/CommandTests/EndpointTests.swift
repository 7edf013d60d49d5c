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
      ("unix:relative:1", .unixSocket(path: "relative:1")),
    ] as [(String, ListenAddress)])
  func readsAnAddress(text: String, address: ListenAddress) {
    #expect(Endpoint(argument: text)?.address == address)
  }

  @Test(
    arguments: [
      "", ":", ":80", "host", "host:", "host:x", "host:-1", "host:65536", "host: 80", "::1:80", "[]:80", "unix:", "80",
    ])
  func refusesWhatIsNone(text: String) {
    #expect(Endpoint(argument: text) == nil)
  }

  @Test func theAdminPortIsNoSocketFile() {
    #expect(AdminAddress(argument: "off") == .off)
    #expect(AdminAddress(argument: "127.0.0.1:1") == Endpoint(argument: "127.0.0.1:1").map(AdminAddress.on))
    #expect(AdminAddress(argument: "unix:/x") == nil)
    #expect(AdminAddress(argument: "on") == nil)
  }

  @Test func whatWasBoundIsWrittenAsItCouldBeGiven() throws {
    #expect(Endpoint.text(try SocketAddress(ipAddress: "127.0.0.1", port: 41_523)) == "127.0.0.1:41523")
    #expect(Endpoint.text(try SocketAddress(ipAddress: "::1", port: 1)) == "[::1]:1")
    #expect(Endpoint.text(try SocketAddress(unixDomainSocketPath: "/run/x")) == "unix:/run/x")
  }
}
