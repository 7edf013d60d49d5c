import NIOCore
import NIOSSL
import Synchronization

/// The files with the server's identity and the authorities of its clients.
public struct TLSFiles: Sendable, Equatable {
  /// The server's certificate and its chain, in PEM.
  public var certificate: String
  /// The private key, in PEM.
  public var key: String
  /// The authorities of clients' certificates, in PEM; nil if clients show no certificate.
  public var clientAuthorities: String?

  public init(certificate: String, key: String, clientAuthorities: String? = nil) {
    self.certificate = certificate
    self.key = key
    self.clientAuthorities = clientAuthorities
  }

  /// The paths of all files.
  public var paths: [String] { [certificate, key] + [clientAuthorities].compactMap(\.self) }
}

/// Why the TLS files cannot be used.
public struct TLSError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// The server's side of TLS 1.2 and 1.3, according to its files.
///
/// After ``reload()``, new connections use the new certificates; open connections go on.
public final class TLSIdentity: Sendable {
  /// ALPN's name of HTTP/2.
  static let applicationProtocol = "h2"

  private let files: TLSFiles
  private let current: Mutex<NIOSSLContext>

  /// - Throws: ``TLSError`` with the file.
  public init(_ files: TLSFiles) throws(TLSError) {
    self.files = files
    current = Mutex(try Self.context(files))
  }

  /// Reads the files again; if they are wrong, the previous content stays in use.
  /// - Throws: ``TLSError`` with the file.
  public func reload() throws(TLSError) {
    let fresh = try Self.context(files)
    current.withLock { $0 = fresh }
  }

  /// The TLS handler of a new connection.
  func makeHandler() -> NIOSSLServerHandler {
    NIOSSLServerHandler(context: current.withLock(\.self))
  }

  private static func context(_ files: TLSFiles) throws(TLSError) -> NIOSSLContext {
    let chain = try read(files.certificate, Self.certificates) { try NIOSSLCertificate.fromPEMFile($0) }
    let key = try read(files.key, "private key without a passphrase (-----BEGIN PRIVATE KEY-----)") {
      try NIOSSLPrivateKey(file: $0, format: .pem)
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = [applicationProtocol]
    if let path = files.clientAuthorities {
      configuration.trustRoots = .certificates(
        try read(path, Self.certificates) { try NIOSSLCertificate.fromPEMFile($0) })
      configuration.certificateVerification = .noHostnameVerification
    }
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw TLSError(description: "\(files.key) is not the key of \(files.certificate)")
    }
  }

  private static let certificates = "certificate (-----BEGIN CERTIFICATE-----)"

  /// - Parameter content: what the file must contain.
  private static func read<Content>(
    _ path: String, _ content: String, as parse: (String) throws -> Content
  ) throws(TLSError) -> Content {
    do {
      return try parse(path)
    } catch let error as IOError {
      throw TLSError(description: "\(path) cannot be read: \(error)")
    } catch {
      throw TLSError(description: "\(path) holds no \(content) in PEM that can be read")
    }
  }
}
