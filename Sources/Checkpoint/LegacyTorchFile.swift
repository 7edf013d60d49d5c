/// A file that `torch.save` wrote before version 1.6, or with the option for that format: pickles one after the other,
/// then the storages.
///
///     the magic number, the format's version, facts of the system, the object, the storages' keys: a pickle each
///     for each key, in their order: the count of elements (8 bytes, little-endian), the elements
///
/// The format has no checksums, and only these counts give the positions of storages. The reader therefore requires all
/// storages to be there and to fill the file.
struct LegacyTorchFile: TorchStorages {
  static let storageCountMax = 100_000

  /// The saved object.
  let graph: PickleGraph
  /// The place that errors about the object name.
  let site: ErrorSite
  private let regions: [String: StorageRegion]

  private static let magic: [UInt8] = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]
  private static let version = 1001

  /// The end of the pickled magic number; nil if the file does not begin with it.
  static func endOfMagic(in head: [UInt8]) -> Int? {
    guard head.first == PickleOpcode.proto.rawValue else { return nil }
    // Protocol 4 puts a frame of nine bytes between the protocol and the number.
    return [2, 11].first { head.dropFirst($0).starts(with: magic) }.map { $0 + magic.count }
  }

  init(file: RandomAccessFile) throws(ModelError) {
    let whole = ErrorSite(file: file.path)
    guard var position = Self.endOfMagic(in: try file.bytes(at: 0, count: min(file.size, 64))) else {
      throw whole.error("is not in torch's legacy format")
    }
    func next(_ name: String) throws(ModelError) -> PickleGraph {
      let (graph, end) = try PickleReader.read(from: file, at: position, site: whole.at(name))
      position = end
      return graph
    }
    try Self.check(version: try next("version"), site: whole.at("version"))
    try Self.check(system: try next("system"), site: whole.at("system"))
    site = whole.at("object")
    graph = try next("object")
    let keys = try Self.keys(in: try next("storage keys"), site: whole.at("storage keys"))
    regions = try Self.regions(of: keys, storages: Self.storages(of: graph, site: site), from: position, in: file)
  }

  func region(of storage: PickledStorage, site: ErrorSite) throws(ModelError) -> StorageRegion {
    guard let region = regions[storage.key] else { throw site.error("its storage \(storage.key) is not in the file") }
    let elementBytes = storage.elementType.byteCount
    return StorageRegion(
      entry: region.entry, offset: region.offset + storage.view.lowerBound * elementBytes,
      byteCount: storage.view.count * elementBytes, crc32: nil)
  }

  private static func check(version: PickleGraph, site: ErrorSite) throws(ModelError) {
    guard case .int(Self.version) = version.root else {
      throw site.error("is not \(Self.version), the one version of torch's legacy format that there is")
    }
  }

  private static func check(system: PickleGraph, site: ErrorSite) throws(ModelError) {
    guard case .dictionary(let index) = system.root else { throw site.error("is \(system.root.kind), not a dict") }
    guard case .bool(let isLittle)? = try system.namedItems(of: index, site: site)["little_endian"] else {
      throw site.error("does not say whether the file is little_endian")
    }
    guard isLittle else { throw site.error("is big-endian: only little-endian checkpoints can be read") }
  }

  private static func keys(in graph: PickleGraph, site: ErrorSite) throws(ModelError) -> [String] {
    guard case .list(let index) = graph.root else { throw site.error("is \(graph.root.kind), not a list") }
    var keys: [String] = []
    for item in graph.lists[index].items {
      guard case .string(let key) = item else { throw site.error("has a key that is \(item.kind), not a str") }
      keys.append(key)
    }
    guard keys.count <= storageCountMax else {
      throw site.error("are \(keys.count), at most \(storageCountMax) storages are read")
    }
    return keys
  }

  /// The storages that the object names, one for each key.
  private static func storages(of graph: PickleGraph, site: ErrorSite) throws(ModelError) -> [String: PickledStorage] {
    var storages: [String: PickledStorage] = [:]
    for storage in graph.storages {
      if let other = storages.updateValue(storage, forKey: storage.key),
        other.elementType != storage.elementType || other.elementCount != storage.elementCount
      {
        throw site.error("names the storage \(storage.key) in two ways")
      }
    }
    return storages
  }

  /// Steps from each storage's count to the next one.
  private static func regions(
    of keys: [String], storages: [String: PickledStorage], from start: Int, in file: RandomAccessFile
  ) throws(ModelError) -> [String: StorageRegion] {
    let countBytes = 8
    var regions: [String: StorageRegion] = [:]
    var position = start
    for key in keys {
      let site = ErrorSite(file: file.path, entry: "storage \(key)")
      guard let storage = storages[key] else { throw site.error("is not of any tensor in the object") }
      guard file.size - position >= countBytes else { throw site.error("is missing: the file is truncated") }
      let stated = try file.bytes(at: position, count: countBytes).littleEndian(at: 0, byteCount: countBytes)
      guard stated == UInt64(storage.elementCount) else {
        throw site.error("has \(stated) elements, the object says \(storage.elementCount): it is corrupt")
      }
      position += countBytes
      let (byteCount, overflow) = storage.elementCount.multipliedReportingOverflow(by: storage.elementType.byteCount)
      guard !overflow, byteCount <= file.size - position else {
        throw site.error("has \(stated) elements, which reach past the end of the file: it is truncated")
      }
      let region = StorageRegion(entry: "storage \(key)", offset: position, byteCount: byteCount, crc32: nil)
      guard regions.updateValue(region, forKey: key) == nil else { throw site.error("is there twice") }
      position += byteCount
    }
    guard position == file.size else {
      throw ErrorSite(file: file.path).error("has \(file.size - position) bytes behind its last storage: it is corrupt")
    }
    return regions
  }
}
