import Glibc

/// The address on which a server listens.
public enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
  case hostAndPort(host: String, port: Int)
  /// All IPv6 and IPv4 addresses of the machine, or only IPv4 if the kernel has no socket for both.
  case everywhere(port: Int)
  case unixSocket(path: String)

  public var description: String {
    switch self {
    case .hostAndPort(let host, let port): (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
    case .everywhere(let port): "*:\(port)"
    case .unixSocket(let path): "unix:\(path)"
    }
  }

  /// The address to which a socket is bound; nil for a socket file.
  public var hostAndPort: (host: String, port: Int)? {
    switch self {
    case .hostAndPort(let host, let port): (host, port)
    case .everywhere(let port): (Self.hasSocketForBothFamilies ? "::" : "0.0.0.0", port)
    case .unixSocket: nil
    }
  }

  /// Whether a socket bound to `::` also accepts IPv4 connections. IPv6 may be off, in the kernel (`ipv6.disable`) or
  /// in this network namespace, and sockets may be set to their own family alone (`bindv6only`).
  private static var hasSocketForBothFamilies: Bool {
    let socket = socket(AF_INET6, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return false }
    defer { close(socket) }
    var (takesOne, length) = (Int32(1), socklen_t(MemoryLayout<Int32>.size))
    guard getsockopt(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &takesOne, &length) == 0, takesOne == 0 else {
      return false
    }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    return withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(socket, address, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
      }
    }
  }
}
