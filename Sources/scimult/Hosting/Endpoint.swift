import ArgumentParser
import HTTP2
import NIOCore

/// An address to listen on, as the command line gives it: `127.0.0.1:50051`, `[::1]:50051`, `unix:PATH`.
struct Endpoint: ExpressibleByArgument, Equatable {
  let address: ListenAddress

  init?(argument: String) {
    if argument.hasPrefix("unix:") {
      let path = String(argument.dropFirst("unix:".count))
      guard !path.isEmpty else { return nil }
      address = .unixSocket(path: path)
      return
    }
    guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...]) else {
      return nil
    }
    var host = argument[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    address = .hostAndPort(host: String(host), port: Int(port))
  }

  static let valueDescription = "expected HOST:PORT, [IPv6]:PORT or unix:PATH"

  /// The address in the same form, with what was bound.
  static func text(_ bound: SocketAddress) -> String {
    if let path = bound.pathname, bound.port == nil { return "unix:\(path)" }
    let host = bound.ipAddress ?? "?"
    return (host.contains(":") ? "[\(host)]" : host) + ":\(bound.port ?? 0)"
  }
}

extension SocketAddress {
  /// Whether nothing from outside reaches it.
  var isOfThisMachine: Bool {
    guard let address = ipAddress else { return true }
    return address.hasPrefix("127.") || address == "::1"
  }
}
