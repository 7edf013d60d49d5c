import NIOCore

extension SocketAddress {
  /// The client's address in the client's own form: a dual-stack socket reports IPv4 as `::ffff:192.0.2.1`. nil for a
  /// client of a socket file, which has no address.
  var peerAddress: String? {
    guard let address = ipAddress else { return nil }
    let prefix = "::ffff:"
    return address.hasPrefix(prefix) && address.contains(".") ? String(address.dropFirst(prefix.count)) : address
  }
}
