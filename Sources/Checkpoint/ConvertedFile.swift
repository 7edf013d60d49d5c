#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A model in one file, laid out so that it can be used in place: named entries, each aligned to 64 bytes.
///
///     "SCIMULT\n", padding to 64
///     entries, each padded to a multiple of 64
///     the directory: JSON, {name: {offset, count, checksum}}
///     64 bytes: "SCIMULT\n", version, the directory's checksum, offset and count (little-endian)
///
/// A checksum is the CRC-32 of zip files. Opening the file checks all of them, so every entry of an open file is
/// intact.
public final class ConvertedFile: Sendable {
  public let path: String
  private let file: MappedFile
  private let entries: [String: ConvertedFileEntry]

  /// The size of the file.
  public var byteCount: Int { file.bytes.count }

  /// Maps a file and checks it.
  /// - Throws: ``ModelError`` for a file that is not a converted model, has another version, or is truncated or
  ///   corrupt.
  public init(path: String) throws(ModelError) {
    self.path = path
    let file = try MappedFile(path: path)
    self.file = file
    let site = ErrorSite(file: path)
    let footer = try ConvertedFileFooter(of: file.bytes, site: site)
    let directory = try Self.entry(footer.directory, of: file.bytes, site: site)
    do {
      entries = try JSONDecoder().decode([String: ConvertedFileEntry].self, from: Data(directory))
    } catch {
      throw site.error("its directory cannot be read: it is corrupt")
    }
    for (name, entry) in entries {
      _ = try Self.entry(entry, of: file.bytes, site: ErrorSite(file: path, entry: name))
    }
  }

  /// Whether a file begins as a converted model does.
  public static func isOne(path: String) -> Bool {
    guard let file = try? RandomAccessFile(path: path), file.size >= ConvertedFileFooter.magic.count else {
      return false
    }
    return (try? file.bytes(at: 0, count: ConvertedFileFooter.magic.count)) == ConvertedFileFooter.magic
  }

  /// The bytes of an entry, valid as long as this object lives; nil if there is no entry with that name.
  public func bytes(of name: String) -> UnsafeRawBufferPointer? {
    entries[name].map { UnsafeRawBufferPointer(rebasing: file.bytes[$0.offset..<$0.offset + $0.count]) }
  }

  private static func entry(
    _ entry: ConvertedFileEntry, of bytes: UnsafeRawBufferPointer, site: ErrorSite
  ) throws(ModelError) -> UnsafeRawBufferPointer {
    let (end, overflow) = entry.offset.addingReportingOverflow(entry.count)
    guard entry.offset >= 0, entry.count >= 0, entry.offset.isMultiple(of: 64), !overflow, end <= bytes.count else {
      throw site.error("lies outside the file of \(bytes.count) bytes: it is truncated or corrupt")
    }
    let part = UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<end])
    var checksum = Checksum()
    checksum.update(part)
    try checksum.check(against: entry.checksum, site: site)
    return part
  }
}

struct ConvertedFileEntry: Codable {
  let offset: Int
  let count: Int
  let checksum: UInt32
}

/// The last 64 bytes of a converted model.
struct ConvertedFileFooter {
  static let magic = Array("SCIMULT\n".utf8)
  static let alignment = 64
  static let version: UInt32 = 1

  let directory: ConvertedFileEntry

  init(directory: ConvertedFileEntry) {
    self.directory = directory
  }

  init(of bytes: UnsafeRawBufferPointer, site: ErrorSite) throws(ModelError) {
    guard bytes.starts(with: Self.magic) else { throw site.error("is no converted model") }
    guard bytes.count >= 2 * Self.alignment else { throw site.error("is truncated") }
    let footer = UnsafeRawBufferPointer(rebasing: bytes[(bytes.count - Self.alignment)...])
    guard footer.starts(with: Self.magic) else { throw site.error("has no end: it is truncated") }
    let version = UInt32(littleEndian: footer.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    guard version == Self.version else {
      throw site.error("has version \(version) of the format, this program reads \(Self.version): convert it again")
    }
    guard
      let offset = Int(exactly: UInt64(littleEndian: footer.loadUnaligned(fromByteOffset: 16, as: UInt64.self))),
      let count = Int(exactly: UInt64(littleEndian: footer.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
    else { throw site.error("its directory lies outside the file: it is corrupt") }
    let checksum = UInt32(littleEndian: footer.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    directory = ConvertedFileEntry(offset: offset, count: count, checksum: checksum)
  }

  var bytes: [UInt8] {
    func little(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
    let numbers =
      little(Self.version) + little(directory.checksum) + little(UInt64(directory.offset))
      + little(UInt64(directory.count))
    let used = Self.magic + numbers
    return used + [UInt8](repeating: 0, count: Self.alignment - used.count)
  }
}
