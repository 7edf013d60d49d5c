/// A zip file from `torch.save`: a pickle, and a member for each storage.
struct TorchZip: TorchStorages {
  private let archive: ZipArchive
  /// The folder inside the archive that contains all its entries, with a trailing slash.
  private let root: String

  init(file: RandomAccessFile) throws(ModelError) {
    archive = try ZipArchive(file: file)
    root = try Self.root(of: archive)
    try refuseBigEndian()
  }

  /// The saved object, and the place that errors about it name.
  func pickle() throws(ModelError) -> (graph: PickleGraph, site: ErrorSite) {
    let site = ErrorSite(file: archive.file.path, entry: "data.pkl")
    guard let pickle = archive.entries[root + "data.pkl"] else { throw site.error("is missing") }
    let bytes = try archive.read(pickle, bytesMax: PickleReader.pickleBytesMax)
    return (try PickleReader.read(bytes, site: site), site)
  }

  func region(of storage: PickledStorage, site: ErrorSite) throws(ModelError) -> StorageRegion {
    guard let entry = archive.entries["\(root)data/\(storage.key)"] else {
      throw site.error("its storage data/\(storage.key) is not in the archive")
    }
    let (byteCount, overflow) = storage.elementCount.multipliedReportingOverflow(by: storage.elementType.byteCount)
    guard !overflow, byteCount == entry.byteCount else {
      throw site.error(
        "its storage data/\(storage.key) has \(entry.byteCount) bytes, not \(storage.elementCount) elements of "
          + "\(storage.elementType)")
    }
    return StorageRegion(
      entry: "data/\(storage.key)", offset: entry.dataOffset, byteCount: byteCount, crc32: entry.crc32)
  }

  /// The folder that contains `data.pkl`.
  private static func root(of archive: ZipArchive) throws(ModelError) -> String {
    let site = ErrorSite(file: archive.file.path)
    let suffix = "/data.pkl"
    let pickles = archive.entries.keys.filter {
      $0.hasSuffix(suffix) && !$0.dropLast(suffix.count).contains("/")
    }
    guard let pickle = pickles.first else {
      throw site.error("is a zip file without data.pkl, not one that torch.save wrote")
    }
    guard pickles.count == 1 else { throw site.error("has \(pickles.count) entries named data.pkl") }
    let root = String(pickle.dropLast("data.pkl".count))
    let isScript = archive.entries.keys.contains { $0 == root + "constants.pkl" || $0.hasPrefix(root + "code/") }
    guard !isScript else {
      throw site.error("is a TorchScript archive, which holds code; save the model's state_dict() with torch.save")
    }
    return root
  }

  private func refuseBigEndian() throws(ModelError) {
    guard let entry = archive.entries[root + "byteorder"] else { return }
    let order = String(decoding: try archive.read(entry, bytesMax: 64), as: UTF8.self)
    guard order == "little" else {
      throw ErrorSite(file: archive.file.path, entry: "byteorder").error(
        "is \(order): only little-endian checkpoints can be read")
    }
  }
}
