import Testing

@testable import Telemetry

@Suite struct ReceiverAddressTests {
  @Test(arguments: [
    ("http://receiver:4318/v1/traces", false, "receiver", 4318, "/v1/traces", "receiver:4318"),
    ("HTTPS://receiver", true, "receiver", 443, "/", "receiver"),
    ("http://receiver:80?key=a%20b#part", false, "receiver", 80, "/?key=a%20b", "receiver"),
    ("https://[::1]:4318/a%2Fb", true, "::1", 4318, "/a%2Fb", "[::1]:4318"),
    ("http://user:word@10.0.0.1/", false, "10.0.0.1", 80, "/", "10.0.0.1"),
  ])
  func theParts(
    _ url: String, _ isSecure: Bool, _ host: String, _ port: Int, _ target: String, _ authority: String
  ) throws {
    let address = try #require(ReceiverAddress(url: url))
    #expect((address.isSecure, address.host, address.port) == (isSecure, host, port))
    #expect((address.target, address.authority) == (target, authority))
  }

  @Test(arguments: ["", "receiver:4318", "ftp://receiver", "http://", "http:///v1/traces"])
  func invalidAddresses(_ url: String) {
    #expect(ReceiverAddress(url: url) == nil)
  }
}
