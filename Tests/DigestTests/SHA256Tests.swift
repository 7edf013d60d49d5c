import Digest
import Testing

@Suite struct SHA256Tests {
  private func hex(_ digest: [UInt8]) -> String {
    digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The input for the expected values below, which are from Python's hashlib.
  private func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 * 31 + count * 7 + ($0 >> 5)) }
  }

  /// Examples of FIPS 180-4.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func examplesOfTheStandard(_ text: String, _ digest: String) {
    #expect(hex(SHA256.digest(text.utf8)) == digest)
  }

  /// The digest of the digests of all lengths to 1,024.
  @Test func everyLength() {
    var all = SHA256()
    for count in 0...1_024 { all.update(SHA256.digest(bytes(count))) }
    #expect(hex(all.finalize()) == "9adf2d5e214c91597ea8a250e8b36794410888f87ea5cc69bc1bb0be6c6148b1")
  }

  @Test func piecesAreReadAsTheWholeIs() {
    let whole = bytes(1_000)
    for pieceBytes in [1, 3, 55, 56, 63, 64, 65, 127, 128, 999, 1_000] {
      var hasher = SHA256()
      for start in stride(from: 0, to: whole.count, by: pieceBytes) {
        hasher.update(Array(whole[start..<min(start + pieceBytes, whole.count)]))
        hasher.update([])
      }
      #expect(hasher.finalize() == SHA256.digest(whole), "\(pieceBytes) bytes a piece")
    }
  }

  @Test func aCopyIsIndependent() {
    var one = SHA256()
    one.update(Array("a".utf8))
    var other = one
    one.update(Array("b".utf8))
    other.update(Array("c".utf8))
    #expect(one.finalize() == SHA256.digest("ab".utf8))
    #expect(other.finalize() == SHA256.digest("ac".utf8))
  }

  @Test func aDifferenceOfOneBitIsSeen() {
    let digest = SHA256.digest("token".utf8)
    #expect(SHA256.areEqual(digest, digest))
    for index in digest.indices {
      for bit in 0..<8 {
        var other = digest
        other[index] ^= 1 << bit
        #expect(!SHA256.areEqual(digest, other))
      }
    }
    #expect(!SHA256.areEqual(digest, Array(digest.dropLast())))
    #expect(!SHA256.areEqual(digest, digest + [0]))
    #expect(!SHA256.areEqual([], digest))
  }
}
