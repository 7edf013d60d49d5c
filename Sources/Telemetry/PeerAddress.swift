import NIOCore

extension SocketAddress {
  /// The client's address as it knows it itself: a socket for both families sees IPv4 as `::ffff:192.0.2.1`. nil where
  /// it has none: behind a socket file.
  var peerAddress: String? {
    guard let address = ipAddress else { return nil }
    let prefix = "::ffff:"
    return address.hasPrefix(prefix) && address.contains(".") ? String(address.dropFirst(prefix.count)) : address
  }
}
