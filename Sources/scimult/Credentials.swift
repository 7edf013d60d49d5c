import Glibc
import HTTP2
import Logging
import Service
import ServiceLifecycle

/// What the server knows itself and its clients by: certificates and tokens, as their files are.
struct Credentials: Sendable {
  let tls: TLSIdentity?
  let tokens: BearerTokens?
  private let paths: [String]

  /// - Throws: what is wrong with a file.
  init(_ options: ServeCommand) throws {
    tls = try options.tlsFiles.map { try TLSIdentity($0) }
    tokens = try options.authTokenFile.map { try BearerTokens(path: $0) }
    paths = (options.tlsFiles?.paths ?? []) + [options.authTokenFile].compactMap(\.self)
  }

  var isEmpty: Bool { paths.isEmpty }

  /// Reads the files again. Where one is not right, what was read before stays in use.
  func reload(_ logger: Logger) {
    do {
      try tls?.reload()
      try tokens?.reload()
      logger.info("certificates and tokens read again")
    } catch {
      logger.error("certificates and tokens stay as they were", metadata: ["error": "\(error)"])
    }
  }

  /// Changes when a file does.
  var fingerprint: [FileVersion?] { paths.map { FileVersion($0) } }
}

/// What a file's change shows in.
struct FileVersion: Equatable {
  private let device: dev_t
  private let inode: ino_t
  private let size: off_t
  private let seconds: Int
  private let nanoseconds: Int

  /// nil where there is no such file.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    (device, inode, size) = (status.st_dev, status.st_ino, status.st_size)
    (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
  }
}

/// Reads certificates and tokens again when their files change. What renews them may replace several files one by one:
/// it is the files at rest that count.
struct CredentialsWatch: ServiceLifecycle.Service {
  let credentials: Credentials
  let logger: Logger

  private static let interval = Duration.seconds(1)

  func run() async {
    try? await cancelWhenGracefulShutdown {
      var read = credentials.fingerprint
      var last = read
      while true {
        try await Task.sleep(for: Self.interval)
        let current = credentials.fingerprint
        if current == last, current != read {
          credentials.reload(logger)
          read = current
        }
        last = current
      }
    }
  }
}
