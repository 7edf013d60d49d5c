/// The tensors in a file from `torch.save`, and the parameters if it is a SciMult checkpoint.
struct TorchCheckpoint {
  let format: WeightsFormat
  let sources: [String: TensorSource]
  let encoderParameters: [String: CheckpointValue]?

  /// Reads the index of a zip file.
  init(zip file: RandomAccessFile) throws(ModelError) {
    let zip = try TorchZip(file: file)
    let pickle = try zip.pickle()
    try self.init(pickle.graph, site: pickle.site, storages: zip)
  }

  /// Reads the index of a file of torch's legacy format.
  init(legacy file: RandomAccessFile) throws(ModelError) {
    let legacy = try LegacyTorchFile(file: file)
    try self.init(legacy.graph, site: legacy.site, storages: legacy)
  }

  private init(_ graph: PickleGraph, site: ErrorSite, storages: some TorchStorages) throws(ModelError) {
    guard case .dictionary(let top) = graph.root else {
      throw site.error("holds \(graph.root.kind), not a dict of tensors")
    }
    let items = try graph.namedItems(of: top, site: site)
    guard let weights = items["model_dict"] else {
      guard items["encoder_params"] == nil else {
        throw site.at("model_dict").error("is missing: there are encoder_params but no weights")
      }
      try TrainingState.refuse(items, site: site)
      format = .torchStateDict
      encoderParameters = nil
      sources = try Self.sources(items, graph: graph, site: site, storages: storages)
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
    sources = try Self.sources(named, graph: graph, site: site, storages: storages)
  }

  private static func sources(
    _ items: [String: PickleValue], graph: PickleGraph, site: ErrorSite, storages: some TorchStorages
  ) throws(ModelError) -> [String: TensorSource] {
    guard !items.isEmpty else { throw ErrorSite(file: site.file).error("holds no tensors") }
    var sources: [String: TensorSource] = [:]
    // The order of names makes the reader report the same one of several faults every time.
    for (name, value) in items.sorted(by: { $0.key < $1.key }) {
      let site = site.at(name)
      guard case .tensor(let index) = value else { throw site.error("is \(value.kind), not a tensor") }
      sources[name] = try source(name, of: graph.tensors[index], storages: storages, site: site)
    }
    return sources
  }

  private static func source(
    _ name: String, of pickled: PickledTensor, storages: some TorchStorages, site: ErrorSite
  ) throws(ModelError) -> TensorSource {
    let storage = pickled.storage
    let region = try storages.region(of: storage, site: site)
    let view = try StridedView(
      offset: pickled.offset, shape: pickled.shape, strides: pickled.strides, storageCount: storage.view.count,
      site: site)
    return TensorSource(
      tensor: StoredTensor(name: name, shape: pickled.shape, elementType: storage.elementType), region: region,
      view: view)
  }
}
