#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Whom a URL of HTTP names, and what to ask there.
struct ReceiverAddress: Sendable, Equatable {
  let isSecure: Bool
  /// A name or an address, that of IPv6 without brackets.
  let host: String
  let port: Int
  /// The path and the query, as a request names them.
  let target: String
  /// The field `host`.
  let authority: String

  /// - Returns: nil where the text is no URL of HTTP.
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
