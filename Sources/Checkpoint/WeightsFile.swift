import Synchronization

/// The kind of a weights file.
public enum WeightsFormat: String, Sendable {
  /// A SciMult checkpoint: a torch file with `model_dict` and `encoder_params`.
  case scimult
  /// A torch file with a dict of tensors, such as `pytorch_model.bin`.
  case torchStateDict
  case safetensors
}

/// The weights of a model in any supported format, opened and indexed. Tensors are read on demand.
///
/// Opening checks the whole index: afterwards, every tensor is known to be inside its file.
public final class WeightsFile: Sendable {
  /// The file; for sharded weights, the index that names the shards.
  public let path: String
  /// The files that contain tensors, sorted by name.
  public let filePaths: [String]
  public let format: WeightsFormat
  /// The tensors by their names in the file; in a SciMult checkpoint, by the keys of `model_dict`.
  public let tensors: [String: StoredTensor]
  /// The encoder parameters of a SciMult checkpoint, without the `encoder` level that some files have; nil in other
  /// formats.
  public let encoderParameters: [String: CheckpointValue]?
  /// The total size of the files that contain tensors.
  public let byteCount: Int

  private let places: [String: Place]
  /// The storages whose checksum has been verified.
  private let verifiedRegions = Mutex<Set<Region>>([])

  private struct Place {
    let file: RandomAccessFile
    let part: Int
    let source: TensorSource

    var region: Region { Region(part: part, offset: source.region.offset) }
  }

  private struct Region: Hashable {
    let part: Int
    let offset: Int
  }

  /// Opens a file by its content, whatever its name. Throws if it is not in a supported format, or its index is
  /// truncated, corrupt or hostile.
  public convenience init(path: String) throws(ModelError) {
    try self.init(path: path, parts: [WeightsPart(path: path)])
  }

  /// Opens the shards that an index names. Throws as for a single file, and if shard and index disagree.
  convenience init(index file: String, in folder: ModelFolder) throws(ModelError) {
    let index = try ShardIndex(file: file, in: folder)
    try self.init(path: index.path, parts: index.open(in: folder))
  }

  /// - Parameter parts: one or more.
  private init(path: String, parts: [WeightsPart]) throws(ModelError) {
    var places: [String: Place] = [:]
    for (index, part) in parts.enumerated() {
      for (name, source) in part.sources.sorted(by: { $0.key < $1.key }) {
        if let other = places.updateValue(Place(file: part.file, part: index, source: source), forKey: name) {
          throw ModelError(file: part.path, entry: name, reason: "the tensor is in \(other.file.path) as well")
        }
      }
    }
    self.path = path
    self.places = places
    filePaths = parts.map(\.path)
    format = parts[0].format
    encoderParameters = parts[0].encoderParameters
    byteCount = parts.reduce(0) { $0 + $1.file.size }
    tensors = places.mapValues(\.source.tensor)
  }

  /// A row-major fp32 copy of a tensor (fp16, bf16 and fp64 are converted).
  ///
  /// Throws if there is no such tensor, if it contains integers or a value that is not finite, or if its bytes do not
  /// have the checksum that the file states.
  public func readFloats(_ name: String) throws(ModelError) -> [Float] {
    let count = try place(name).source.view.elementCount
    var outcome: Result<Void, ModelError> = .success(())
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      do throws(ModelError) {
        try readFloats(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initializedCount = count
      } catch {
        outcome = .failure(error)
      }
    }
    try outcome.get()
    return values
  }

  /// As `readFloats(_:)`, into memory with exactly as many elements as the tensor has.
  public func readFloats(_ name: String, into destination: UnsafeMutableBufferPointer<Float>) throws(ModelError) {
    let place = try place(name)
    let isVerified = verifiedRegions.withLock { $0.contains(place.region) }
    try TensorReader(file: place.file, source: place.source).read(into: destination, isVerified: isVerified)
    verifiedRegions.withLock { _ = $0.insert(place.region) }
  }

  /// The path of the file that contains a tensor, for an error about it; the path of the weights if no file does.
  public func path(of tensor: String) -> String { places[tensor]?.file.path ?? path }

  private func place(_ name: String) throws(ModelError) -> Place {
    guard let place = places[name] else { throw ModelError(file: path, entry: name, reason: "is missing") }
    return place
  }
}
