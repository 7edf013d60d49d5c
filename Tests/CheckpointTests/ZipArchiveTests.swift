import Testing

@testable import Checkpoint

@Suite struct ZipArchiveTests {
  private static func writer() -> ZipWriter {
    TorchZipWriter(values: [1, 2], shape: [2], strides: [1]).zip
  }

  private func expectRefusal(
    entry: String?, reason: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (inout ZipWriter) -> Void
  ) throws {
    var zip = Self.writer()
    change(&zip)
    try CheckpointTests.expectRefusal(zip.bytes, entry: entry, reason: reason, sourceLocation: sourceLocation)
  }

  @Test(arguments: [false, true], [false, true])
  func readsZip64AndComments(endRecords: Bool, members: Bool) throws {
    var zip = Self.writer()
    zip.isZip64 = endRecords
    zip.comment = Array("a comment that holds PK\u{5}\u{6} itself".utf8)
    zip.padding = 100
    for index in zip.members.indices {
      zip.members[index].isZip64 = members
    }
    #expect(try openWeights(zip.bytes).readFloats("w") == [1, 2])
  }

  @Test func refusesCompressedAndEncryptedMembers() throws {
    try expectRefusal(entry: "archive/data/0", reason: "is compressed (method 8)") { $0.members[2].method = 8 }
    try expectRefusal(entry: "archive/data/0", reason: "is encrypted") { $0.members[2].flags = 1 }
  }

  @Test func refusesOverlapsAndDuplicates() throws {
    try expectRefusal(entry: nil, reason: "zip members overlap") { zip in
      zip.members[0].statedSize = UInt64(zip.members[0].bytes.count + 1)
    }
    try expectRefusal(entry: "archive/data/0", reason: "twice") { $0.members.append($0.members[2]) }
  }

  @Test func refusesSizesAndOffsetsOutsideTheFile() throws {
    for size: UInt64 in [1 << 20, 1 << 62, .max >> 1] {
      try expectRefusal(entry: "archive/data/0", reason: "reach past the archive's directory") { zip in
        zip.members[2].isZip64 = true
        zip.members[2].statedSize = size
      }
    }
    try expectRefusal(entry: "archive/data/0", reason: "past 2⁶³") { zip in
      zip.members[2].isZip64 = true
      zip.members[2].statedSize = .max
    }
    for offset: UInt64 in [1 << 20, .max >> 1] {
      try expectRefusal(entry: "archive/data/0", reason: "its header lies outside the file") { zip in
        zip.members[2].isZip64 = true
        zip.members[2].statedOffset = offset
      }
    }
  }

  @Test func refusesHeadersThatDisagree() throws {
    try expectRefusal(entry: "archive/data/0", reason: "its header disagrees") {
      $0.members[2].localName = "archive/data/1"
    }
    try expectRefusal(entry: "archive/data/0", reason: "its header disagrees") { $0.members[2].statedOffset = 1 }
  }

  @Test func refusesAPickleWithAWrongChecksum() throws {
    try expectRefusal(entry: "archive/data.pkl", reason: "checksum") { $0.members[0].statedChecksum = 1 }
  }

  @Test func namesAreNeverPaths() throws {
    try expectRefusal(entry: "w", reason: "its storage data/0 is not in the archive") {
      $0.members[2].name = "../../../etc/passwd"
    }
  }

  @Test func refusesADirectoryThatIsTooLargeOrElsewhere() throws {
    var bytes = Self.writer().bytes
    let end = bytes.count - 22
    bytes.replaceSubrange((end + 12)..<(end + 16), with: littleEndian(0xfff_ffff, 4))
    try CheckpointTests.expectRefusal(bytes, entry: nil, reason: "which is too large")
    bytes = Self.writer().bytes
    bytes.replaceSubrange((end + 16)..<(end + 20), with: littleEndian(3, 4))
    try CheckpointTests.expectRefusal(bytes, entry: nil, reason: "not where the archive states")
    bytes = Self.writer().bytes
    bytes[end + 4] = 1
    try CheckpointTests.expectRefusal(bytes, entry: nil, reason: "split zip archive")
  }
}
