/// A stored member of a zip archive.
struct ZipEntry: Sendable {
  let name: String
  /// Where the member's bytes begin in the file.
  let dataOffset: Int
  let byteCount: Int
  let crc32: UInt32
}

/// The index of a zip archive as PyTorch writes it: members without compression, none overlapping.
///
/// Names are only dictionary keys; they never become paths.
struct ZipArchive: Sendable {
  static let entryCountMax = 100_000
  static let directoryBytesMax = 64 << 20

  let file: RandomAccessFile
  let entries: [String: ZipEntry]

  init(file: RandomAccessFile) throws(ModelError) {
    let directory = try ZipDirectory(file: file)
    var entries: [String: ZipEntry] = [:]
    var extents: [Range<Int>] = []
    for record in try directory.records(in: file) {
      let site = ErrorSite(file: file.path, entry: record.name)
      let dataOffset = try Self.dataOffset(of: record, in: file)
      let (end, overflow) = dataOffset.addingReportingOverflow(record.byteCount)
      guard !overflow, end <= directory.offset else {
        throw site.error("its \(record.byteCount) bytes reach past the archive's directory: it is corrupt")
      }
      let entry = ZipEntry(
        name: record.name, dataOffset: dataOffset, byteCount: record.byteCount, crc32: record.crc32)
      guard entries.updateValue(entry, forKey: record.name) == nil else {
        throw site.error("is in the archive twice")
      }
      extents.append(record.headerOffset..<end)
    }
    try Self.refuseOverlaps(extents, site: ErrorSite(file: file.path))
    self.file = file
    self.entries = entries
  }

  /// All bytes of a member; verifies its checksum.
  func read(_ entry: ZipEntry, bytesMax: Int) throws(ModelError) -> [UInt8] {
    let site = ErrorSite(file: file.path, entry: entry.name)
    guard entry.byteCount <= bytesMax else {
      throw site.error("has \(entry.byteCount) bytes, at most \(bytesMax) are allowed")
    }
    let bytes = try file.bytes(at: entry.dataOffset, count: entry.byteCount)
    var checksum = Checksum()
    bytes.withUnsafeBytes { checksum.update($0) }
    try checksum.check(against: entry.crc32, site: site)
    return bytes
  }

  /// Reads a member's local header, which must agree with the directory, and returns the offset of its data.
  private static func dataOffset(of record: ZipDirectory.Record, in file: RandomAccessFile) throws(ModelError) -> Int {
    let headerBytes = 30
    let site = ErrorSite(file: file.path, entry: record.name)
    guard record.headerOffset <= file.size - headerBytes - record.nameBytes.count else {
      throw site.error("its header lies outside the file: it is truncated or corrupt")
    }
    let header = try file.bytes(at: record.headerOffset, count: headerBytes + record.nameBytes.count)
    guard header.littleEndian(at: 0, byteCount: 4) == 0x0403_4b50,
      header.littleEndian(at: 26, byteCount: 2) == UInt64(record.nameBytes.count),
      header[headerBytes...].elementsEqual(record.nameBytes),
      header.littleEndian(at: 8, byteCount: 2) == 0
    else {
      throw site.error("its header disagrees with the archive's directory: it is corrupt")
    }
    return record.headerOffset + header.count + Int(header.littleEndian(at: 28, byteCount: 2))
  }

  private static func refuseOverlaps(_ extents: [Range<Int>], site: ErrorSite) throws(ModelError) {
    let sorted = extents.sorted { $0.lowerBound < $1.lowerBound }
    for (extent, next) in zip(sorted, sorted.dropFirst()) where extent.upperBound > next.lowerBound {
      throw site.error("zip members overlap at byte \(next.lowerBound)")
    }
  }
}
