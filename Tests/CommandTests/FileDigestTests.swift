import TestSupport
import Testing

@testable import scimult

/// A number that identifies the first bytes of a file.
@Suite struct FileDigestTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func growsToWhatItIsOfTheWhole() throws {
    try folder.write("a", String(repeating: "papers ", count: 500_000))
    let path = folder.file("a")
    var digest = FileDigest()
    for end in [0, 1, 1_000, 1 << 20, 3_000_000, 3_500_000] {
      try digest.extend(over: path, to: end)
      #expect(digest.byteCount == end)
      #expect(try digest == FileDigest(of: path, first: end))
    }
  }

  @Test func differentBeginningsHaveDifferentDigests() throws {
    try folder.write("a", "one two")
    try folder.write("b", "one too")
    #expect(try FileDigest(of: folder.file("a"), first: 5) == FileDigest(of: folder.file("b"), first: 5))
    #expect(try FileDigest(of: folder.file("a"), first: 7) != FileDigest(of: folder.file("b"), first: 7))
  }

  @Test func needsTheBytes() throws {
    try folder.write("a", "one")
    let failure = try #require(throws: Failure.self) { _ = try FileDigest(of: folder.file("a"), first: 4) }
    #expect(failure.description.hasPrefix(folder.file("a")))
    #expect(throws: Failure.self) { _ = try FileDigest(of: folder.file("b"), first: 1) }
  }
}
