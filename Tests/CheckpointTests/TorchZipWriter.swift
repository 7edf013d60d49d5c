import CZlib

/// A zip archive as bytes; tests can falsify every field.
struct ZipWriter {
  struct Member {
    var name: String
    var bytes: [UInt8]
    var method: UInt64 = 0
    var flags: UInt64 = 0
    /// The size in the directory; nil means the actual size.
    var statedSize: UInt64?
    var statedChecksum: UInt64?
    /// The member's offset in the directory; nil means the actual offset.
    var statedOffset: UInt64?
    /// The name in the member's local header.
    var localName: String?
    /// Stores sizes and offset in the zip64 extra field.
    var isZip64 = false
  }

  var members: [Member]
  /// Writes the zip64 end records, as PyTorch does.
  var isZip64 = false
  var comment: [UInt8] = []
  /// Bytes between the members and the directory.
  var padding = 0

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let offset = UInt64(file.count)
      file += localHeader(member) + member.bytes
      directory += record(member, offset: offset)
    }
    file += [UInt8](repeating: 0, count: padding)
    let start = UInt64(file.count)
    file += directory
    let count = UInt64(members.count)
    let size = UInt64(directory.count)
    if isZip64 {
      let recordOffset = UInt64(file.count)
      file += littleEndian(0x0606_4b50, 4) + littleEndian(44, 8) + littleEndian(0x2d_002d, 4) + littleEndian(0, 8)
      file += littleEndian(count, 8) + littleEndian(count, 8) + littleEndian(size, 8) + littleEndian(start, 8)
      file += littleEndian(0x0706_4b50, 4) + littleEndian(0, 4) + littleEndian(recordOffset, 8) + littleEndian(1, 4)
    }
    file += littleEndian(0x0605_4b50, 4) + littleEndian(0, 4)
    file += littleEndian(isZip64 ? 0xffff : count, 2) + littleEndian(isZip64 ? 0xffff : count, 2)
    file += littleEndian(isZip64 ? 0xffff_ffff : size, 4) + littleEndian(isZip64 ? 0xffff_ffff : start, 4)
    return file + littleEndian(UInt64(comment.count), 2) + comment
  }

  private func checksum(_ bytes: [UInt8]) -> UInt64 {
    UInt64(crc32_z(0, bytes, bytes.count))
  }

  private func localHeader(_ member: Member) -> [UInt8] {
    let name = Array((member.localName ?? member.name).utf8)
    let size = UInt64(member.bytes.count)
    return littleEndian(0x0403_4b50, 4) + littleEndian(20, 2) + littleEndian(member.flags, 2)
      + littleEndian(member.method, 2) + littleEndian(0, 4) + littleEndian(checksum(member.bytes), 4)
      + littleEndian(size, 4) + littleEndian(size, 4) + littleEndian(UInt64(name.count), 2) + littleEndian(0, 2)
      + name
  }

  private func record(_ member: Member, offset: UInt64) -> [UInt8] {
    let size = member.statedSize ?? UInt64(member.bytes.count)
    let offset = member.statedOffset ?? offset
    let isLarge = member.isZip64
    let extra =
      isLarge
      ? littleEndian(1, 2) + littleEndian(24, 2) + littleEndian(size, 8) + littleEndian(size, 8)
        + littleEndian(offset, 8) : []
    return littleEndian(0x0201_4b50, 4) + littleEndian(0x14_0014, 4) + littleEndian(member.flags, 2)
      + littleEndian(member.method, 2) + littleEndian(0, 4)
      + littleEndian(member.statedChecksum ?? checksum(member.bytes), 4)
      + littleEndian(isLarge ? 0xffff_ffff : size, 4) + littleEndian(isLarge ? 0xffff_ffff : size, 4)
      + littleEndian(UInt64(member.name.utf8.count), 2) + littleEndian(UInt64(extra.count), 2)
      + littleEndian(0, 2) + littleEndian(0, 8) + littleEndian(isLarge ? 0xffff_ffff : offset, 4)
      + Array(member.name.utf8) + extra
  }
}

/// PyTorch's zip file: a pickle and the storages that it names.
struct TorchZipWriter {
  var pickle: [UInt8]
  /// Storage bytes by key.
  var storages: [(key: String, bytes: [UInt8])] = []
  var byteOrder: String? = "little"
  /// Other members, by their names relative to the archive's root.
  var extra: [(name: String, bytes: [UInt8])] = []

  init(_ value: Python, storages: [(key: String, bytes: [UInt8])] = []) {
    self.pickle = value.pickle
    self.storages = storages
  }

  init(pickle: [UInt8]) {
    self.pickle = pickle
  }

  /// A state dict of one fp32 tensor named `w` in storage `0`.
  init(values: [Float], shape: [Int], strides: [Int], offset: Int = 0) {
    self.init(
      .dictionary([
        ("w", .tensor(key: "0", count: values.count, offset: offset, shape: shape, strides: strides))
      ]), storages: [("0", floatBytes(values))])
  }

  var zip: ZipWriter {
    var members = [ZipWriter.Member(name: "archive/data.pkl", bytes: pickle)]
    if let byteOrder { members.append(.init(name: "archive/byteorder", bytes: Array(byteOrder.utf8))) }
    members += storages.map { .init(name: "archive/data/\($0.key)", bytes: $0.bytes) }
    members += extra.map { .init(name: "archive/\($0.name)", bytes: $0.bytes) }
    return ZipWriter(members: members)
  }

  var bytes: [UInt8] { zip.bytes }
}

func floatBytes(_ values: [Float]) -> [UInt8] {
  values.flatMap { littleEndian(UInt64($0.bitPattern), 4) }
}
