/// The central directory at the end of a zip archive, including zip64.
struct ZipDirectory {
  /// One member as the directory describes it; its sizes and offsets are not yet checked against the file.
  struct Record {
    let name: String
    let nameBytes: ArraySlice<UInt8>
    let headerOffset: Int
    let byteCount: Int
    let crc32: UInt32
  }

  /// Where the directory begins.
  let offset: Int
  private let byteCount: Int
  private let recordCount: Int

  init(file: RandomAccessFile) throws(ModelError) {
    let site = ErrorSite(file: file.path)
    let endBytes = 22
    let commentBytesMax = 65_535
    let tailOffset = max(0, file.size - endBytes - commentBytesMax)
    let tail = try file.bytes(at: tailOffset, count: file.size - tailOffset)
    guard let end = Self.findEnd(in: tail) else {
      throw site.error("the zip directory at its end is missing: the file is truncated")
    }
    let endOffset = tailOffset + end
    let diskFields = tail.littleEndian(at: end + 4, byteCount: 4)
    var count = tail.littleEndian(at: end + 10, byteCount: 2)
    var bytes = tail.littleEndian(at: end + 12, byteCount: 4)
    var start = tail.littleEndian(at: end + 16, byteCount: 4)
    var directoryEnd = endOffset
    // PyTorch writes the zip64 records even for small archives.
    if let zip64 = try Self.zip64Fields(in: file, endOffset: endOffset) {
      (count, bytes, start, directoryEnd) = (zip64.count, zip64.bytes, zip64.start, zip64.offset)
    } else if diskFields != 0 {
      throw site.error("is one part of a split zip archive")
    }
    guard count <= UInt64(ZipArchive.entryCountMax), bytes <= UInt64(ZipArchive.directoryBytesMax) else {
      throw site.error("its zip directory has \(count) entries in \(bytes) bytes, which is too large")
    }
    guard start <= UInt64(directoryEnd), Int(start) + Int(bytes) == directoryEnd else {
      throw site.error("its zip directory is not where the archive states: the file is truncated or corrupt")
    }
    self.offset = Int(start)
    self.byteCount = Int(bytes)
    self.recordCount = Int(count)
  }

  /// The directory's records, in its order.
  func records(in file: RandomAccessFile) throws(ModelError) -> [Record] {
    let bytes = try file.bytes(at: offset, count: byteCount)
    var records: [Record] = []
    var position = 0
    for _ in 0..<recordCount {
      records.append(try Self.record(in: bytes, at: &position, site: ErrorSite(file: file.path)))
    }
    guard position == bytes.count else {
      throw ErrorSite(file: file.path).error("its zip directory holds \(bytes.count - position) stray bytes")
    }
    return records
  }

  private static func record(
    in bytes: [UInt8], at position: inout Int, site: ErrorSite
  ) throws(ModelError) -> Record {
    let fixedBytes = 46
    guard bytes.count - position >= fixedBytes, bytes.littleEndian(at: position, byteCount: 4) == 0x0201_4b50 else {
      throw site.error("its zip directory is corrupt at entry byte \(position)")
    }
    let base = position
    func field(_ offset: Int, _ byteCount: Int) -> UInt64 {
      bytes.littleEndian(at: base + offset, byteCount: byteCount)
    }
    let nameEnd = base + fixedBytes + Int(field(28, 2))
    let extraEnd = nameEnd + Int(field(30, 2))
    position = extraEnd + Int(field(32, 2))
    guard position <= bytes.count else {
      throw site.error("its zip directory is corrupt at entry byte \(base)")
    }
    let nameBytes = bytes[(base + fixedBytes)..<nameEnd]
    guard let name = String(validating: nameBytes, as: UTF8.self) else {
      throw site.error("its zip directory has a name that is not UTF-8 at entry byte \(base)")
    }
    let entrySite = site.at(name)
    guard field(8, 2) & 0x2041 == 0 else {
      throw entrySite.error("is encrypted")
    }
    guard field(10, 2) == 0 else {
      throw entrySite.error("is compressed (method \(field(10, 2))): a checkpoint stores its entries uncompressed")
    }
    let sizes = try zip64Sizes(
      stored: field(20, 4), plain: field(24, 4), headerOffset: field(42, 4),
      extra: Array(bytes[nameEnd..<extraEnd]), site: entrySite)
    guard sizes.stored == sizes.plain else {
      throw entrySite.error("states \(sizes.stored) stored bytes and \(sizes.plain) plain ones: it is corrupt")
    }
    guard let byteCount = Int(exactly: sizes.plain), let headerOffset = Int(exactly: sizes.headerOffset) else {
      throw entrySite.error("states a size or offset past 2⁶³: it is corrupt")
    }
    return Record(
      name: name, nameBytes: nameBytes, headerOffset: headerOffset, byteCount: byteCount,
      crc32: UInt32(field(16, 4)))
  }

  /// Replaces each 32-bit field that is all ones with its 64-bit value from the zip64 extra field.
  private static func zip64Sizes(
    stored: UInt64, plain: UInt64, headerOffset: UInt64, extra: [UInt8], site: ErrorSite
  ) throws(ModelError) -> (stored: UInt64, plain: UInt64, headerOffset: UInt64) {
    let isLarge = { (value: UInt64) in value == 0xffff_ffff }
    guard isLarge(stored) || isLarge(plain) || isLarge(headerOffset) else { return (stored, plain, headerOffset) }
    var position = 0
    while extra.count - position >= 4 {
      let tag = extra.littleEndian(at: position, byteCount: 2)
      let end = position + 4 + Int(extra.littleEndian(at: position + 2, byteCount: 2))
      position += 4
      guard end <= extra.count else { break }
      guard tag == 1 else {
        position = end
        continue
      }
      var values = [plain, stored, headerOffset]
      for index in values.indices where isLarge(values[index]) {
        guard end - position >= 8 else { throw site.error("its zip64 field is too short: it is corrupt") }
        values[index] = extra.littleEndian(at: position, byteCount: 8)
        position += 8
      }
      return (values[1], values[0], values[2])
    }
    throw site.error("its zip64 field is missing: it is corrupt")
  }

  /// The offset of the end record in the file's tail: its comment must end exactly at the end of the file.
  private static func findEnd(in tail: [UInt8]) -> Int? {
    guard tail.count >= 22 else { return nil }
    return (0...(tail.count - 22)).last { position in
      tail[position] == 0x50 && tail.littleEndian(at: position, byteCount: 4) == 0x0605_4b50
        && position + 22 + Int(tail.littleEndian(at: position + 20, byteCount: 2)) == tail.count
    }
  }

  /// The fields of the zip64 end record; nil if no zip64 locator precedes the end record.
  private static func zip64Fields(
    in file: RandomAccessFile, endOffset: Int
  ) throws(ModelError) -> (count: UInt64, bytes: UInt64, start: UInt64, offset: Int)? {
    let corrupt = ErrorSite(file: file.path).error("its zip64 directory is corrupt")
    let locatorBytes = 20
    let recordBytes = 56
    guard endOffset >= locatorBytes + recordBytes else { return nil }
    let locator = try file.bytes(at: endOffset - locatorBytes, count: locatorBytes)
    guard locator.littleEndian(at: 0, byteCount: 4) == 0x0706_4b50 else { return nil }
    guard let offset = Int(exactly: locator.littleEndian(at: 8, byteCount: 8)),
      offset <= endOffset - locatorBytes - recordBytes
    else { throw corrupt }
    let record = try file.bytes(at: offset, count: recordBytes)
    guard record.littleEndian(at: 0, byteCount: 4) == 0x0606_4b50,
      record.littleEndian(at: 4, byteCount: 8) == UInt64(endOffset - locatorBytes - offset - 12)
    else { throw corrupt }
    return (
      record.littleEndian(at: 32, byteCount: 8), record.littleEndian(at: 40, byteCount: 8),
      record.littleEndian(at: 48, byteCount: 8), offset
    )
  }
}
