#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The host, port and path of an HTTP URL.
struct ReceiverAddress: Sendable, Equatable {
  let isSecure: Bool
  /// A name or an address; an IPv6 address has no brackets.
  let host: String
  let port: Int
  /// The path and the query, in the form of a request line.
  let target: String
  /// The value of the header field `host`.
  let authority: String

  /// - Returns: nil if the text is not an HTTP URL.
  init?(url text: String) {
    guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
      let urlHost = url.host, !urlHost.isEmpty
    else { return nil }
    isSecure = scheme == "https"
    host = urlHost.hasPrefix("[") && urlHost.hasSuffix("]") ? String(urlHost.dropFirst().dropLast()) : urlHost
    let schemePort = isSecure ? 443 : 80
    port = url.port ?? schemePort
    let path = url.path(percentEncoded: true)
    target = (path.hasPrefix("/") ? path : "/" + path) + (url.query(percentEncoded: true).map { "?" + $0 } ?? "")
    let name = host.contains(":") ? "[\(host)]" : host
    authority = port == schemePort ? name : "\(name):\(port)"
  }
}
