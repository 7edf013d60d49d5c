import HTTP2
import NIOCore
import TestSupport
import Testing

/// Addresses on which a server may listen.
@Suite struct ListenAddressTests {
  @Test(
    arguments: [
      (.hostAndPort(host: "127.0.0.1", port: 50_051), "127.0.0.1:50051"),
      (.hostAndPort(host: "::1", port: 0), "[::1]:0"), (.unixSocket(path: "/run/x.sock"), "unix:/run/x.sock"),
    ] as [(ListenAddress, String)])
  func isWrittenAsOnTheCommandLine(address: ListenAddress, text: String) {
    #expect(address.description == text)
  }

  @Test func aPortInUseIsAnError() async throws {
    let server = try await TestServer()
    await #expect(throws: IOError.self) {
      _ = try await TestServer(on: .hostAndPort(host: "127.0.0.1", port: server.port))
    }
    try await server.stop()
  }
}
