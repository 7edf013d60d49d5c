import Glibc
import Logging

/// Reports the server's state to the service manager, in systemd's protocol (sd_notify(3)): datagrams to the socket
/// that the environment names. Does nothing if it names none.
struct ServiceNotifier: Sendable {
  enum Message: Sendable {
    /// The server answers requests from now on.
    case ready
    /// The drain has begun.
    case stopping
    /// The server is alive.
    case watchdog
    /// A line for people.
    case status(String)

    fileprivate var assignment: String {
      switch self {
      case .ready: "READY=1"
      case .stopping: "STOPPING=1"
      case .watchdog: "WATCHDOG=1"
      // A newline would begin another assignment.
      case .status(let line): "STATUS=" + line.split(whereSeparator: \.isNewline).joined(separator: " ")
      }
    }
  }

  /// A path, or an abstract name after `@`.
  private let socketName: String?
  /// The interval of ``Message/watchdog``: half of the time after which the manager considers the server hung. nil if
  /// there is no watchdog.
  let watchdogInterval: Duration?

  /// - Parameter environment: the process's environment, as systemd sets it.
  init(environment: [String: String], processID: Int32 = getpid()) {
    socketName = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    let isWatched = environment["WATCHDOG_PID"].map { $0 == String(processID) } ?? true
    let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
    watchdogInterval =
      socketName != nil && isWatched && microseconds > 1 ? .microseconds(microseconds / 2) : nil
  }

  /// Sends messages in one datagram. If that fails, it only logs the failure, and the server goes on.
  func notify(_ messages: Message...) {
    guard let socketName else { return }
    let text = messages.map(\.assignment).joined(separator: "\n")
    if let error = Self.send(text, to: socketName) {
      Logger(label: "scimult").warning(
        "the service manager could not be told",
        metadata: ["socket": "\(socketName)", "error": "\(String(cString: strerror(error)))"])
    }
  }

  /// - Returns: nil, or the error's number.
  private static func send(_ text: String, to name: String) -> Int32? {
    let path = Array(name.utf8)
    var address = sockaddr_un()
    guard path[0] == UInt8(ascii: "/") || path[0] == UInt8(ascii: "@") else { return EAFNOSUPPORT }
    guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { target in
      target.copyBytes(from: path)
      if target[0] == UInt8(ascii: "@") { target[0] = 0 }
    }
    let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return errno }
    defer { close(socket) }
    // A manager that does not read must not block the server.
    var patience = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + path.count)
    let sent = withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        sendto(socket, text, text.utf8.count, Int32(MSG_NOSIGNAL), address, length)
      }
    }
    return sent < 0 ? errno : nil
  }
}
