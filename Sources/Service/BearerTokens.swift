import Digest
import GRPC
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Why a token file cannot be used.
public struct TokenFileError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// The tokens with which clients authenticate: `authorization: Bearer TOKEN` (RFC 6750).
///
/// A file lists the tokens, one per line, in clear text or as `sha256:` and 64 hexadecimal digits. Blank lines and
/// lines that begin with # are ignored. Only hashes are kept, and compared in constant time.
public final class BearerTokens: Sendable {
  private let path: String
  private let digests: Mutex<[[UInt8]]>

  /// - Throws: ``TokenFileError`` with the file and the line.
  public init(path: String) throws(TokenFileError) {
    self.path = path
    digests = Mutex(try Self.read(path))
  }

  /// Reads the file again; if it is wrong, the previous content stays in use.
  /// - Throws: ``TokenFileError`` with the file and the line.
  public func reload() throws(TokenFileError) {
    let fresh = try Self.read(path)
    digests.withLock { $0 = fresh }
  }

  /// Accepts calls that carry a token.
  /// - Parameter openServices: services that need no token.
  public func authorization(openServices: [String]) -> Authorization {
    { (path, header) throws(Status) in
      if openServices.contains(where: { path.hasPrefix("/\($0)/") }) { return }
      guard self.accepts(header) else { throw Self.refusal(isMissing: header == nil) }
    }
  }

  func accepts(_ header: String?) -> Bool {
    guard let header, let token = Self.token(header) else { return false }
    let presented = SHA256.digest(token.utf8)
    return digests.withLock { digests in
      // All hashes are compared, so that the time does not reveal which one matched.
      digests.reduce(false) { found, digest in SHA256.areEqual(presented, digest) || found }
    }
  }

  private static func refusal(isMissing: Bool) -> Status {
    let fault = isMissing ? "the call carries no token" : "the token of the call is not known"
    return Status(
      .unauthenticated, fault + ": send the metadata \"authorization: Bearer TOKEN\"", refusal: .unauthenticated)
  }

  private static func token(_ header: String) -> Substring? {
    let scheme = "bearer "
    guard header.prefix(scheme.count).lowercased() == scheme else { return nil }
    return header.dropFirst(scheme.count)
  }

  private static func read(_ path: String) throws(TokenFileError) -> [[UInt8]] {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw TokenFileError(description: "\(path) cannot be read as a text")
    }
    var digests: [[UInt8]] = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      guard words.count == 1, let digest = digest(first) else {
        throw TokenFileError(
          description: "\(path), line \(index + 1): not a token without blanks, nor sha256: and 64 hexadecimal digits")
      }
      digests.append(digest)
    }
    guard !digests.isEmpty else { throw TokenFileError(description: "\(path) holds no token: nobody could call") }
    return digests
  }

  private static let hashPrefix = "sha256:"

  private static func digest(_ entry: Substring) -> [UInt8]? {
    guard entry.hasPrefix(hashPrefix) else { return SHA256.digest(entry.utf8) }
    let digits = Array(entry.dropFirst(hashPrefix.count))
    guard digits.count == 2 * SHA256.byteCount else { return nil }
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    return bytes.count == SHA256.byteCount ? bytes : nil
  }
}
