import Glibc
import TestSupport
import Testing

@testable import DocumentFiles

/// Lines of a file, with all lengths and line endings.
@Suite struct LineReaderTests {
  private static func lines(_ bytes: [UInt8]) throws -> [String] {
    let folder = try TemporaryFolder()
    var reader = try LineReader(path: folder.write("f", bytes: bytes))
    #expect(reader.bytes.totalBytes == bytes.count)
    var lines: [String] = []
    while let line = try reader.nextLine() { lines.append(line) }
    #expect(reader.bytes.bytesRead == bytes.count)
    #expect(try reader.nextLine() == nil)
    return lines
  }

  @Test(
    arguments: [
      ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]), ("\n\n", ["", ""]),
      ("\n", [""]), ("\r\n", [""]), ("a\rb\n", ["a\rb"]), ("ä\n日本\n", ["ä", "日本"]), ("a\n\nb", ["a", "", "b"]),
    ] as [(String, [String])])
  func splitsAtLineFeeds(text: String, lines: [String]) throws {
    #expect(try Self.lines(Array(text.utf8)) == lines)
  }

  @Test func linesLongerThanAChunkAreWhole() throws {
    var generator = SeededGenerator(seed: 91)
    let expected = [1, 262_143, 262_144, 262_145, 0, 700_000, 3].map { count in
      String(repeating: Character(Unicode.Scalar(UInt8.random(in: 97...122, using: &generator))), count: count)
    }
    #expect(try Self.lines(Array((expected.joined(separator: "\n") + "\n").utf8)) == expected)
    #expect(try Self.lines(Array((expected.joined(separator: "\r\n") + "\r\n").utf8)) == expected)
  }

  @Test(
    arguments: [
      ([], []), ([0xef, 0xbb, 0xbf], []), ([0xef, 0xbb, 0xbf, 0x0a, 0x61], ["", "a"]), ([0xef, 0xbb], ["\u{fffd}"]),
      ([0x0a, 0xef, 0xbb, 0xbf], ["", "\u{feff}"]),
    ] as [([UInt8], [String])])
  func aByteOrderMarkAtTheBeginIsPassed(bytes: [UInt8], lines: [String]) throws {
    #expect(try Self.lines(bytes) == lines)
  }

  @Test func aLineWithoutAnEndIsNotReadForEver() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("f", "a\n")
    #expect(truncate(path, 70 << 20) == 0)
    let failure = try #require(throws: InputError.self) { try DocumentFile(path: path, skipBadLines: true).readAll() }
    #expect(failure.description == "\(path): line 2: is longer than 64 MiB")
  }

  @Test func aFileThatIsNotThereIsNamed() throws {
    let failure = try #require(throws: InputError.self) { _ = try LineReader(path: "/nowhere/papers.jsonl") }
    #expect(failure.description.hasPrefix("/nowhere/papers.jsonl: "))
  }

  @Test func aFolderIsNoInput() throws {
    let folder = try TemporaryFolder()
    let failure = try #require(throws: InputError.self) {
      var reader = try LineReader(path: folder.path)
      _ = try reader.next()
    }
    #expect(failure.description.hasPrefix(folder.path))
  }

  @Test func aReaderGivesItsFileBack() async {
    await #expect(processExitsWith: .success) {
      var limit = rlimit(rlim_cur: 64, rlim_max: 64)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      let folder = try TemporaryFolder()
      let path = try folder.write("f", "line\n")
      for _ in 0..<100 {
        var reader = try LineReader(path: path)
        _ = try reader.next()
      }
    }
  }
}
