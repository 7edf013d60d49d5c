import NIOHTTP1
import Service

/// The answers of the admin port: liveness, readiness and metrics.
struct AdminPaths: Sendable {
  let readiness: Readiness
  let metrics: PrometheusRegistry

  /// - Parameter target: the request's path, with or without a query.
  func reply(_ method: HTTPMethod, _ target: String) -> AdminReply {
    guard let answer = answer(at: Self.path(target)) else { return AdminReply(status: .notFound) }
    guard method == .GET || method == .HEAD else {
      // RFC 9110, section 15.5.6.
      return AdminReply(status: .methodNotAllowed, allow: "GET, HEAD", body: "only GET and HEAD\n")
    }
    return answer()
  }

  private func answer(at path: [Substring]) -> (() -> AdminReply)? {
    switch path {
    case ["livez"]: { AdminReply(status: .ok, contentType: Self.plainText, body: "ok\n") }
    case ["readyz"]:
      {
        readiness.isReady
          ? AdminReply(status: .ok, contentType: Self.plainText, body: "ready\n")
          : AdminReply(status: .serviceUnavailable, contentType: Self.plainText, body: "not ready\n")
      }
    case ["metrics"]: { AdminReply(status: .ok, contentType: PrometheusText.contentType, body: metrics.text) }
    default: nil
    }
  }

  /// The parts of a path. Proxies may send a complete URL (RFC 9112, section 3.2.2).
  private static func path(_ target: String) -> [Substring] {
    var parts = target.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: true)
    if !target.hasPrefix("/"), parts.first?.hasSuffix(":") == true { parts.removeFirst(min(2, parts.count)) }
    return parts
  }

  private static let plainText = "text/plain; charset=utf-8"
}
