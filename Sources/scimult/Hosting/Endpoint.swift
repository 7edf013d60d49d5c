import ArgumentParser
import HTTP2
import NIOCore

/// An address to listen on, in the command line's form: `127.0.0.1:50051`, `[::1]:50051`, `*:50051`, `unix:PATH`.
struct Endpoint: Equatable, CustomStringConvertible {
  let address: ListenAddress

  /// Maximum length of a socket file's path, in bytes.
  static let maxPathBytes = 103

  /// - Throws: `ValidationError` with the reason and the valid forms.
  init(parsing text: String) throws {
    if text.hasPrefix("unix:") {
      address = try Self.socketFile(String(text.dropFirst("unix:".count)))
    } else {
      address = try Self.hostAndPort(text)
    }
  }

  init(_ address: ListenAddress) {
    self.address = address
  }

  private static let forms = "write HOST:PORT, [IPv6]:PORT, *:PORT (all addresses of this machine) or unix:PATH"

  private static func socketFile(_ path: String) throws -> ListenAddress {
    guard !path.isEmpty else { throw ValidationError("the path is missing; \(forms)") }
    let bytes = path.utf8.count
    guard bytes <= maxPathBytes else {
      throw ValidationError(
        "the path has \(bytes) bytes, and a socket file's may have \(maxPathBytes); choose a shorter one")
    }
    guard !path.utf8.contains(0) else { throw ValidationError("a path holds no NUL") }
    return .unixSocket(path: path)
  }

  private static func hostAndPort(_ text: String) throws -> ListenAddress {
    guard let colon = text.lastIndex(of: ":") else { throw ValidationError("the port is missing; \(forms)") }
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw ValidationError("\"\(digits)\" is no port, which is a number from 0 to 65535; \(forms)")
    }
    guard let port = UInt16(digits) else {
      throw ValidationError("the port \(digits) is outside 0 … 65535")
    }
    var host = text[..<colon]
    if host == "*" { return .everywhere(port: Int(port)) }
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw ValidationError("an address of IPv6 stands in brackets: [\(host)]:\(port)")
    }
    guard !host.isEmpty else { throw ValidationError("the host is missing; \(forms)") }
    guard !host.contains("*") else { throw ValidationError("* stands alone, for all addresses: *:\(port)") }
    return .hostAndPort(host: String(host), port: Int(port))
  }

  var description: String { address.description }

  /// The bound address in the same form.
  static func text(_ bound: SocketAddress) -> String {
    if let path = bound.pathname, bound.port == nil { return "unix:\(path)" }
    let host = bound.ipAddress ?? "?"
    return (host.contains(":") ? "[\(host)]" : host) + ":\(bound.port ?? 0)"
  }
}

extension SocketAddress {
  /// Whether only this machine can reach it.
  var isOfThisMachine: Bool {
    guard let address = ipAddress else { return true }
    return address.hasPrefix("127.") || address == "::1"
  }
}
