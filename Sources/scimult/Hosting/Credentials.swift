import Glibc
import HTTP2
import Logging
import Service

/// The server's certificates and the tokens of its clients, as read from their files.
struct Credentials: Sendable {
  let tls: TLSIdentity?
  let tokens: BearerTokens?
  private let files: [NamedFile]

  /// A file and the option that names it.
  private struct NamedFile {
    let option: String
    let path: String

    init?(_ option: String, _ path: String?) {
      guard let path else { return nil }
      (self.option, self.path) = (option, path)
    }

    /// - Throws: ``Failure`` if there is no readable file.
    func check() throws {
      if faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0 {
        let reason = errno == ENOENT ? "the file does not exist" : String(cString: strerror(errno))
        throw Failure("\(option) \(path): \(reason)")
      }
      if FileStatus(path: path)?.kind == .folder {
        throw Failure("\(option) \(path): is a folder; name the file in it")
      }
    }
  }

  /// - Throws: the fault of a file.
  init(_ options: ServeCommand) throws {
    files = [
      NamedFile("--tls-cert", options.tlsCert), NamedFile("--tls-key", options.tlsKey),
      NamedFile("--tls-client-ca", options.tlsClientCa), NamedFile("--auth-token-file", options.authTokenFile),
    ].compactMap(\.self)
    for file in files { try file.check() }
    tls = try options.tlsFiles.map { try TLSIdentity($0) }
    tokens = try options.authTokenFile.map { try BearerTokens(path: $0) }
  }

  var isEmpty: Bool { files.isEmpty }

  /// Reads the files again. If one is wrong, its previous content stays in use.
  func reload(_ logger: Logger) {
    guard !isEmpty else {
      logger.info("nothing is read again: there is neither --tls-cert nor --auth-token-file")
      return
    }
    do {
      for file in files { try file.check() }
      try tls?.reload()
      try tokens?.reload()
      logger.info("read again", metadata: ["files": "\(files.map(\.path).joined(separator: ", "))"])
    } catch {
      logger.error("certificates and tokens stay as they were", metadata: ["error": "\(error)"])
    }
  }

  /// Changes when a file does.
  var fingerprint: [FileVersion?] { files.map { FileVersion($0.path) } }
}
