/// One file of weights, opened and indexed.
struct WeightsPart: Sendable {
  let file: RandomAccessFile
  let format: WeightsFormat
  let sources: [String: TensorSource]
  let encoderParameters: [String: CheckpointValue]?

  var path: String { file.path }

  /// Opens a file by its content, whatever its name.
  init(path: String) throws(ModelError) {
    file = try RandomAccessFile(path: path)
    switch try FileContent.sniff(file) {
    case .zip:
      let checkpoint = try TorchCheckpoint(zip: file)
      (format, sources) = (checkpoint.format, checkpoint.sources)
      encoderParameters = checkpoint.encoderParameters
    case .legacyTorch:
      let checkpoint = try TorchCheckpoint(legacy: file)
      (format, sources) = (checkpoint.format, checkpoint.sources)
      encoderParameters = checkpoint.encoderParameters
    case .safetensors:
      (format, sources) = (.safetensors, try Safetensors.sources(in: file))
      encoderParameters = nil
    }
  }
}
