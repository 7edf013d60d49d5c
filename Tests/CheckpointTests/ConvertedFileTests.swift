import Foundation
import Testing

@testable import Checkpoint

/// Converted files: contents survive a round trip, and damaged files are refused.
@Suite struct ConvertedFileTests {
  private static let alignment = 64
  private static let entries: [(name: String, bytes: [UInt8])] = [
    ("empty", []), ("one", [7]), ("line", (0..<64).map { UInt8($0) }), ("more", (0..<65).map { UInt8($0 + 100) }),
  ]

  private static func file(of entries: [(name: String, bytes: [UInt8])]) throws -> [UInt8] {
    let output = Output()
    var writer = try ConvertedFileWriter { output.bytes.append(contentsOf: $0) }
    for entry in entries { try entry.bytes.withUnsafeBytes { try writer.add(entry.name, $0) } }
    try writer.finish()
    return output.bytes
  }

  private final class Output {
    var bytes: [UInt8] = []
  }

  private static func bytes(of name: String, in file: ConvertedFile) -> [UInt8]? {
    withExtendedLifetime(file) { file.bytes(of: name).map { Array($0) } }
  }

  private static func expectRefusal(
    _ bytes: [UInt8], _ reason: String, entry: String? = nil, in folder: TemporaryFolder,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let path = try folder.write("model.scimult", bytes)
    let error = #expect(throws: ModelError.self, sourceLocation: sourceLocation) { try ConvertedFile(path: path) }
    #expect(
      error?.file == path && error?.entry == entry, "\(String(describing: error))", sourceLocation: sourceLocation)
    #expect(
      error?.reason.contains(reason) == true, "\(error?.description ?? "no error")", sourceLocation: sourceLocation)
  }

  // MARK: Round trip

  @Test func contentsSurviveARoundTrip() throws {
    let folder = try TemporaryFolder()
    let bytes = try Self.file(of: Self.entries)
    #expect(bytes.count.isMultiple(of: Self.alignment))
    let file = try ConvertedFile(path: try folder.write("model.scimult", bytes))
    #expect(file.byteCount == bytes.count)
    for entry in Self.entries {
      #expect(Self.bytes(of: entry.name, in: file) == entry.bytes)
      let start = file.bytes(of: entry.name)?.baseAddress
      #expect(start != nil && Int(bitPattern: start).isMultiple(of: Self.alignment), "\(entry.name)")
    }
    #expect(file.bytes(of: "other") == nil)
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func anyEntriesAreRead(seed: UInt64) throws {
    var generator = SplitMix(state: seed)
    let entries = (0..<Int.random(in: 0...12, using: &generator)).map { index in
      let size = Int.random(in: 0...300, using: &generator)
      let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
      return ("\(index)/\"é\n", bytes)
    }
    let folder = try TemporaryFolder()
    let file = try ConvertedFile(path: try folder.write("model.scimult", Self.file(of: entries)))
    for (name, bytes) in entries { #expect(Self.bytes(of: name, in: file) == bytes) }
  }

  @Test func theSameEntriesMakeTheSameFile() throws {
    #expect(try Self.file(of: Self.entries) == Self.file(of: Self.entries))
  }

  @Test func aFileThatIsReplacedOrRemovedStaysReadable() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("model.scimult", Self.file(of: Self.entries))
    let file = try ConvertedFile(path: path)
    let other = try folder.write("other.scimult", Self.file(of: [("one", [8])]))
    #expect(rename(other, path) == 0)
    #expect(Self.bytes(of: "one", in: file) == [7])
    #expect(try Self.bytes(of: "one", in: ConvertedFile(path: path)) == [8])
    #expect(unlink(path) == 0)
    #expect(Self.bytes(of: "more", in: file) == Self.entries[3].bytes)
  }

  // MARK: Damage

  /// Bytes without meaning: after the magic, after entries, after the footer's numbers.
  private static func padding(of file: [UInt8]) -> Set<Int> {
    var padding = Set(8..<alignment)
    var offset = alignment
    func skip(_ count: Int) {
      let end = (offset + count + alignment - 1) / alignment * alignment
      padding.formUnion(offset + count..<end)
      offset = end
    }
    for entry in entries { skip(entry.bytes.count) }
    let footer = file.count - alignment
    skip(file[offset..<footer].lastIndex(of: UInt8(ascii: "}")).map { $0 + 1 - offset } ?? 0)
    padding.formUnion(footer + 32..<file.count)
    return padding
  }

  @Test func aFlippedByteIsRefusedUnlessItIsPadding() throws {
    let folder = try TemporaryFolder()
    let original = try Self.file(of: Self.entries)
    let padding = Self.padding(of: original)
    for place in original.indices {
      for flipped: UInt8 in [0x01, 0x80, 0xff] {
        var bytes = original
        bytes[place] ^= flipped
        let path = try folder.write("model.scimult", bytes)
        if padding.contains(place) {
          let file = try ConvertedFile(path: path)
          #expect(Self.entries.allSatisfy { Self.bytes(of: $0.name, in: file) == $0.bytes })
        } else {
          let error = #expect(throws: ModelError.self, "\(flipped) in byte \(place)") { try ConvertedFile(path: path) }
          #expect(error?.file == path)
        }
      }
    }
  }

  @Test func aTruncatedFileIsRefusedAtEveryLength() throws {
    let folder = try TemporaryFolder()
    let original = try Self.file(of: Self.entries)
    for count in 0..<original.count {
      let path = try folder.write("model.scimult", Array(original[..<count]))
      #expect(throws: ModelError.self, "\(count) bytes") { try ConvertedFile(path: path) }
      #expect(ConvertedFile.isOne(path: path) == (count >= 8))
    }
  }

  @Test func aFileWithMoreAtItsEndIsRefused() throws {
    let folder = try TemporaryFolder()
    let original = try Self.file(of: Self.entries)
    for count in [1, 63, 64, 4_096] {
      let bytes = original + [UInt8](repeating: 0, count: count)
      try Self.expectRefusal(bytes, "has no end: it is truncated", in: folder)
    }
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func randomBytesAreRefused(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var generator = SplitMix(state: seed)
    let original = try Self.file(of: Self.entries)
    for _ in 0..<100 {
      // Noise between an intact beginning and an intact end.
      var bytes = original
      for place in 64..<bytes.count - 64 { bytes[place] = .random(in: 0...255, using: &generator) }
      let path = try folder.write("model.scimult", bytes)
      #expect(throws: ModelError.self) { try ConvertedFile(path: path) }
    }
  }

  @Test func anotherVersionIsNamed() throws {
    let folder = try TemporaryFolder()
    var bytes = try Self.file(of: Self.entries)
    bytes[bytes.count - Self.alignment + 8] = 2
    try Self.expectRefusal(
      bytes, "has version 2 of the format, this program reads 1: convert it again", in: folder)
  }

  @Test func anotherMagicIsNoConvertedModel() throws {
    let folder = try TemporaryFolder()
    var bytes = try Self.file(of: Self.entries)
    bytes[0] = UInt8(ascii: "s")
    try Self.expectRefusal(bytes, "is no converted model", in: folder)
    #expect(!ConvertedFile.isOne(path: folder.path + "/model.scimult"))
  }

  @Test func anythingButAConvertedFileIsRefused() throws {
    let folder = try TemporaryFolder()
    try Self.expectRefusal([], "is empty", in: folder)
    try Self.expectRefusal(Array("SCIMULT\n".utf8), "is truncated", in: folder)
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    for (path, reason) in [
      (folder.path, "is not a regular file"), (folder.path + "/pipe", "is not a regular file"),
      (folder.path + "/absent", "does not exist"), ("/dev/zero", "is not a regular file"),
    ] {
      let error = #expect(throws: ModelError.self) { try ConvertedFile(path: path) }
      #expect(error?.reason == reason)
      #expect(!ConvertedFile.isOne(path: path))
    }
  }

  // MARK: Directories with right checksums

  /// A file with one line of data and a custom directory.
  private static func file(directory: String, footer: ((ConvertedFileEntry) -> ConvertedFileEntry)? = nil) -> [UInt8] {
    func padded(_ bytes: [UInt8]) -> [UInt8] {
      bytes + [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
    }
    let start = padded(ConvertedFileFooter.magic) + [UInt8](repeating: 1, count: alignment)
    let text = Array(directory.utf8)
    let entry = ConvertedFileEntry(offset: start.count, count: text.count, checksum: checksum(text))
    return start + padded(text) + ConvertedFileFooter(directory: footer?(entry) ?? entry).bytes
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var checksum = Checksum()
    bytes.withUnsafeBytes { checksum.update($0) }
    return checksum.value
  }

  private static let lineChecksum = checksum([UInt8](repeating: 1, count: alignment))

  @Test(arguments: [
    ("64", "1000"), ("1024", "0"), ("-64", "64"), ("64", "-1"), ("64", "-9223372036854775808"),
    ("9223372036854775744", "64"), ("64", "9223372036854775807"), ("9223372036854775744", "9223372036854775807"),
    ("65", "1"), ("-9223372036854775808", "0"),
  ])
  func anEntryOutsideTheFileIsRefused(offset: String, count: String) throws {
    let directory = #"{"a":{"offset":\#(offset),"count":\#(count),"checksum":\#(Self.lineChecksum)}}"#
    try Self.expectRefusal(
      Self.file(directory: directory), "lies outside the file", entry: "a", in: TemporaryFolder())
  }

  @Test(arguments: [
    "", "{", "[]", "null", "7", "\"a\"", #"{"a":7}"#, #"{"a":{}}"#, #"{"a":null}"#, "{}{}", "\u{0}",
    #"{"a":{"offset":64,"count":64}}"#, #"{"a":{"offset":"64","count":64,"checksum":1}}"#,
    #"{"a":{"offset":64.5,"count":64,"checksum":1}}"#, #"{"a":{"offset":1e30,"count":64,"checksum":1}}"#,
    #"{"a":{"offset":9223372036854775808,"count":64,"checksum":1}}"#,
    #"{"a":{"offset":64,"count":64,"checksum":-1}}"#, #"{"a":{"offset":64,"count":64,"checksum":4294967296}}"#,
    String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 100_000),
  ])
  func aDirectoryOfOtherJSONIsRefused(directory: String) throws {
    try Self.expectRefusal(Self.file(directory: directory), "its directory cannot be read", in: TemporaryFolder())
  }

  @Test func aDirectoryThatIsNotUTF8IsRefused() throws {
    let folder = try TemporaryFolder()
    let text: [UInt8] = Array(#"{"a"#.utf8) + [0xff, 0xfe] + Array(#"":7}"#.utf8)
    var bytes = Self.file(directory: String(repeating: " ", count: text.count))
    bytes.replaceSubrange(128..<128 + text.count, with: text)
    let footer = ConvertedFileFooter(
      directory: ConvertedFileEntry(offset: 128, count: text.count, checksum: Self.checksum(text)))
    bytes.replaceSubrange((bytes.count - Self.alignment)..., with: footer.bytes)
    try Self.expectRefusal(bytes, "its directory cannot be read", in: folder)
  }

  @Test func aDirectoryOutsideTheFileIsRefused() throws {
    let folder = try TemporaryFolder()
    for (offset, count) in [
      (1 << 20, 2), (128, 1 << 20), (.max - 63, 2), (128, .max), (129, 1),
    ] as [(Int, Int)] {
      let bytes = Self.file(directory: "{}") { entry in
        ConvertedFileEntry(offset: offset, count: count, checksum: entry.checksum)
      }
      try Self.expectRefusal(bytes, "lies outside the file", in: folder)
    }
    // More than a signed integer can hold.
    for place in [16, 24] {
      var bytes = Self.file(directory: "{}")
      bytes[bytes.count - Self.alignment + place + 7] = 0xff
      try Self.expectRefusal(bytes, "its directory lies outside the file", in: folder)
    }
  }

  /// Entries are only read, so two of them may share the same bytes.
  @Test func entriesThatOverlapAreRead() throws {
    let entry = #"{"offset":64,"count":64,"checksum":\#(Self.lineChecksum)}"#
    let part = #"{"offset":64,"count":2,"checksum":\#(Self.checksum([1, 1]))}"#
    let folder = try TemporaryFolder()
    let bytes = Self.file(directory: #"{"a":\#(entry),"b":\#(entry),"c":\#(part)}"#)
    let file = try ConvertedFile(path: try folder.write("model.scimult", bytes))
    #expect(file.bytes(of: "a")?.count == 64 && file.bytes(of: "b")?.count == 64 && file.bytes(of: "c")?.count == 2)
  }
}
