import HTTP2
import Logging
import Service

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
