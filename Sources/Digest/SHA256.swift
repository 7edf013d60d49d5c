// TLS's BoringSSL is built anyway; a digest library would add a second one. It is a target of swift-nio-ssl, not a
// product, so only this file may import it.
internal import CNIOBoringSSL

/// SHA-256 (FIPS 180-4) of bytes that arrive in parts.
public struct SHA256 {
  /// The length of a digest.
  public static let byteCount = Int(SHA256_DIGEST_LENGTH)

  private var context = SHA256_CTX()

  public init() {
    SHA256_Init(&context)
  }

  /// The digest of a complete sequence of bytes.
  public static func digest(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var hasher = SHA256()
    hasher.update(Array(bytes))
    return hasher.finalize()
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    SHA256_Update(&context, bytes.baseAddress, bytes.count)
  }

  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The digest of all bytes so far: ``byteCount`` bytes.
  public consuming func finalize() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.byteCount) { digest, count in
      SHA256_Final(digest.baseAddress, &context)
      count = Self.byteCount
    }
  }

  /// Whether two digests are equal. The time of the comparison does not depend on where they differ.
  public static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
  }
}
