/// Chooses the files of a folder that are its weights, by their names.
struct WeightsSelection {
  private let folder: ModelFolder

  init(of folder: ModelFolder) {
    self.folder = folder
  }

  /// The names that transformers looks for, in its order.
  private static let names = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
  ]

  private var checkpoints: [String] {
    folder.fileNames.filter { $0.hasSuffix(".ckpt") && !$0.hasPrefix(".") }
  }

  private var candidates: [String] { Self.names.filter(folder.fileNames.contains) }

  func open() throws(ModelError) -> WeightsFile {
    guard checkpoints.count <= 1 else {
      throw ModelError(
        file: folder.path, reason: "has several checkpoints, keep one: \(checkpoints.joined(separator: ", "))")
    }
    if let checkpoint = checkpoints.first { return try open(checkpoint) }
    guard let name = candidates.first else { throw OtherWeights.refusal(of: folder) }
    let path = folder.path(of: name)
    return name.hasSuffix(".json") ? try WeightsFile(index: name, in: folder) : try WeightsFile(path: path)
  }

  /// A SciMult checkpoint takes precedence over other weights: its folder is often that of the model from which it was
  /// trained.
  private func open(_ checkpoint: String) throws(ModelError) -> WeightsFile {
    let path = folder.path(of: checkpoint)
    guard let other = candidates.first else { return try WeightsFile(path: path) }
    let file: WeightsFile
    do throws(ModelError) {
      file = try WeightsFile(path: path)
    } catch {
      throw ModelError(
        file: error.file, entry: error.entry,
        reason: error.reason + " (or take \(checkpoint) out of the folder, for \(other) to be read)")
    }
    guard file.format == .scimult else {
      throw ModelError(
        file: folder.path,
        reason: "\(checkpoint) and \(other) are both the weights of a model, keep one of them"
          + " (a SciMult checkpoint, which has encoder_params, would come first)")
    }
    return file
  }
}
