import Glibc
import Testing

/// The notification socket of a simulated service manager.
final class ServiceManager: Sendable {
  private let socket: Int32

  /// - Parameter name: a path, or an abstract name after `@`.
  init(_ name: String) throws {
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    try #require(socket >= 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      path.copyBytes(from: name.utf8)
      if path[0] == UInt8(ascii: "@") { path[0] = 0 }
    }
    let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + name.utf8.count)
    let bound = withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) }
    }
    try #require(bound == 0)
  }

  deinit { close(socket) }

  /// The next datagram; nil if none has arrived.
  func receive() -> String? { receive(flags: Int32(MSG_DONTWAIT)) }

  /// Waits for a datagram.
  func wait() -> String? { receive(flags: 0) }

  private func receive(flags: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = recv(socket, &bytes, bytes.count, flags)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }
}
