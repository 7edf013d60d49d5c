#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Writes a ``ConvertedFile`` from beginning to end.
public struct ConvertedFileWriter {
  private let sink: (UnsafeRawBufferPointer) throws -> Void
  private var offset = 0
  private var entries: [String: ConvertedFileEntry] = [:]

  /// - Parameter sink: receives the bytes, in order.
  public init(to sink: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
    self.sink = sink
    _ = try ConvertedFileFooter.magic.withUnsafeBytes { try write($0) }
  }

  /// Adds an entry.
  public mutating func add(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
    precondition(entries[name] == nil, "two entries of one name")
    entries[name] = try write(bytes)
  }

  /// Adds the directory. Nothing may be added after that.
  public mutating func finish() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let directory = try Array(encoder.encode(entries)).withUnsafeBytes { try write($0) }
    try ConvertedFileFooter(directory: directory).bytes.withUnsafeBytes { try sink($0) }
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) throws -> ConvertedFileEntry {
    var checksum = Checksum()
    checksum.update(bytes)
    let entry = ConvertedFileEntry(offset: offset, count: bytes.count, checksum: checksum.value)
    try sink(bytes)
    let alignment = ConvertedFileFooter.alignment
    let padding = (alignment - bytes.count % alignment) % alignment
    try [UInt8](repeating: 0, count: padding).withUnsafeBytes { try sink($0) }
    offset += bytes.count + padding
    return entry
  }
}
