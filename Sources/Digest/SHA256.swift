// The BoringSSL that TLS is made of, which is built anyway: a library of digests would bring a second one. It is a target
// of swift-nio-ssl and not a product, so no other file may know of it.
internal import CNIOBoringSSL

/// SHA-256 of bytes that come in pieces (FIPS 180-4).
public struct SHA256 {
  /// The length of a digest.
  public static let byteCount = Int(SHA256_DIGEST_LENGTH)

  private var context = SHA256_CTX()

  public init() {
    SHA256_Init(&context)
  }

  /// The digest of bytes that are all there.
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

  /// The digest of all bytes until now: ``byteCount`` of them.
  public consuming func finalize() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.byteCount) { digest, count in
      SHA256_Final(digest.baseAddress, &context)
      count = Self.byteCount
    }
  }

  /// Whether two digests are the same. The time does not tell where they differ.
  public static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
  }
}
