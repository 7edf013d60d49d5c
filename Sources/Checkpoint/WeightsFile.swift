import Synchronization

/// What kind of weights file it is.
public enum WeightsFormat: String, Sendable {
  /// A SciMult checkpoint: a torch zip with `model_dict` and `encoder_params`.
  case scimult
  /// A torch zip that holds a dict of tensors, such as `pytorch_model.bin`.
  case torchStateDict
  case safetensors
}

/// A weights file of any supported format, opened and indexed; tensors are read on demand.
///
/// Opening checks the whole index: afterwards every tensor is known to lie inside the file.
public final class WeightsFile: Sendable {
  public let path: String
  public let format: WeightsFormat
  /// Tensors by the names of the file; in a SciMult checkpoint, by the keys of `model_dict`.
  public let tensors: [String: StoredTensor]
  /// A SciMult checkpoint's parameters of the encoder, without the `encoder` level that some files have; nil in other
  /// formats.
  public let encoderParameters: [String: CheckpointValue]?

  /// The size of the file.
  public var byteCount: Int { file.size }

  private let file: RandomAccessFile
  private let sources: [String: TensorSource]
  /// Offsets of the storages whose checksum was found right.
  private let verifiedRegions = Mutex<Set<Int>>([])

  /// Opens a file by what it holds, whatever its name. Throws when it is none of the supported formats, or its index
  /// is truncated, corrupt or hostile.
  public init(path: String) throws(ModelError) {
    let file = try RandomAccessFile(path: path)
    switch try FileContent.sniff(file) {
    case .zip:
      let checkpoint = try TorchCheckpoint(file: file)
      (format, sources) = (checkpoint.format, checkpoint.sources)
      encoderParameters = checkpoint.encoderParameters
    case .safetensors:
      (format, sources) = (.safetensors, try Safetensors.sources(in: file))
      encoderParameters = nil
    }
    self.path = path
    self.file = file
    self.tensors = sources.mapValues(\.tensor)
  }

  /// A row-major fp32 copy of a tensor (fp16, bf16 and fp64 are converted).
  ///
  /// Throws when there is no such tensor, it holds integers or a value that is not finite, or its bytes do not have
  /// the checksum that the file states.
  public func readFloats(_ name: String) throws(ModelError) -> [Float] {
    let count = try source(name).view.elementCount
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

  /// As `readFloats(_:)`, into memory of exactly as many elements as the tensor has.
  public func readFloats(_ name: String, into destination: UnsafeMutableBufferPointer<Float>) throws(ModelError) {
    let source = try source(name)
    let isVerified = verifiedRegions.withLock { $0.contains(source.region.offset) }
    try TensorReader(file: file, source: source).read(into: destination, isVerified: isVerified)
    verifiedRegions.withLock { _ = $0.insert(source.region.offset) }
  }

  private func source(_ name: String) throws(ModelError) -> TensorSource {
    guard let source = sources[name] else { throw ModelError(file: path, entry: name, reason: "is missing") }
    return source
  }
}
