/// The index of a zip file that `torch.save` wrote.
struct TorchCheckpoint {
  let format: WeightsFormat
  let sources: [String: TensorSource]
  let encoderParameters: [String: CheckpointValue]?

  private let archive: ZipArchive
  /// The folder inside the archive that all its entries share, with the slash.
  private let root: String

  init(file: RandomAccessFile) throws(ModelError) {
    archive = try ZipArchive(file: file)
    root = try Self.root(of: archive)
    try Self.refuseBigEndian(archive, root: root)
    let site = ErrorSite(file: file.path, entry: "data.pkl")
    guard let pickle = archive.entries[root + "data.pkl"] else { throw site.error("is missing") }
    let bytes = try archive.read(pickle, bytesMax: PickleReader.pickleBytesMax)
    let graph = try PickleReader.read(bytes, site: site)
    guard case .dictionary(let top) = graph.root else {
      throw site.error("holds \(graph.root.kind), not a dict of tensors")
    }
    let items = try graph.namedItems(of: top, site: site)
    guard let weights = items["model_dict"] else {
      guard items["encoder_params"] == nil else {
        throw site.at("model_dict").error("is missing: there are encoder_params but no weights")
      }
      format = .torchStateDict
      encoderParameters = nil
      sources = try Self.sources(items, graph: graph, archive: archive, root: root)
      return
    }
    guard case .dictionary(let index) = weights else {
      throw site.at("model_dict").error("is \(weights.kind), not a dict of tensors")
    }
    guard let parameters = items["encoder_params"] else {
      throw site.at("encoder_params").error("is missing: it says what kind of SciMult model this is")
    }
    format = .scimult
    encoderParameters = try PickledParameters.read(parameters, graph: graph, site: site.at("encoder_params"))
    let named = try graph.namedItems(of: index, site: site.at("model_dict"))
    sources = try Self.sources(named, graph: graph, archive: archive, root: root)
  }

  /// The folder that holds `data.pkl`.
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

  private static func refuseBigEndian(_ archive: ZipArchive, root: String) throws(ModelError) {
    guard let entry = archive.entries[root + "byteorder"] else { return }
    let order = String(decoding: try archive.read(entry, bytesMax: 64), as: UTF8.self)
    guard order == "little" else {
      throw ErrorSite(file: archive.file.path, entry: "byteorder").error(
        "is \(order): only little-endian checkpoints can be read")
    }
  }

  private static func sources(
    _ items: [String: PickleValue], graph: PickleGraph, archive: ZipArchive, root: String
  ) throws(ModelError) -> [String: TensorSource] {
    guard !items.isEmpty else { throw ErrorSite(file: archive.file.path).error("holds no tensors") }
    var sources: [String: TensorSource] = [:]
    // In the order of names, so that of several faults the same one is reported every time.
    for (name, value) in items.sorted(by: { $0.key < $1.key }) {
      let site = ErrorSite(file: archive.file.path, entry: name)
      guard case .tensor(let index) = value else { throw site.error("is \(value.kind), not a tensor") }
      sources[name] = try source(name, of: graph.tensors[index], archive: archive, root: root, site: site)
    }
    return sources
  }

  private static func source(
    _ name: String, of pickled: PickledTensor, archive: ZipArchive, root: String, site: ErrorSite
  ) throws(ModelError) -> TensorSource {
    let storage = pickled.storage
    guard let entry = archive.entries["\(root)data/\(storage.key)"] else {
      throw site.error("its storage data/\(storage.key) is not in the archive")
    }
    let (byteCount, overflow) = storage.elementCount.multipliedReportingOverflow(by: storage.elementType.byteCount)
    guard !overflow, byteCount == entry.byteCount else {
      throw site.error(
        "its storage data/\(storage.key) has \(entry.byteCount) bytes, not \(storage.elementCount) elements of "
          + "\(storage.elementType)")
    }
    let view = try StridedView(
      offset: pickled.offset, shape: pickled.shape, strides: pickled.strides, storageCount: storage.elementCount,
      site: site)
    return TensorSource(
      tensor: StoredTensor(name: name, shape: pickled.shape, elementType: storage.elementType),
      region: StorageRegion(
        entry: "data/\(storage.key)", offset: entry.dataOffset, byteCount: byteCount, crc32: entry.crc32),
      view: view)
  }
}
