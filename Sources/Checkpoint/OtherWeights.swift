/// Weights files that the server does not read: what they are, and what to do.
enum OtherWeights {
  private static let endings = [
    ".ckpt", ".safetensors", ".bin", ".pt", ".pth", ".h5", ".msgpack", ".onnx", ".gguf", ".ggml", ".ot", ".tflite",
    ".ckpt.index",
  ]

  /// Files that trainers leave next to the weights.
  private static let otherFiles: Set<String> = [
    "training_args.bin", "optimizer.bin", "optimizer.pt", "scheduler.bin", "scheduler.pt", "scaler.pt", "rng_state.pth",
  ]

  /// Whether a file is a weights file, by its name.
  static func isWeights(_ name: String) -> Bool {
    guard !name.hasPrefix("."), !otherFiles.contains(name), !name.hasPrefix("rng_state_") else { return false }
    return endings.contains(where: name.hasSuffix) || name.contains(".ckpt.data-")
  }

  /// Why a folder without readable weights is refused.
  static func refusal(of folder: ModelFolder) -> ModelError {
    let expected = "a *.ckpt, model.safetensors or pytorch_model.bin, whole or in shards with their .index.json"
    if let unfinished = HubCache.unfinishedDownload(of: folder.path) {
      return ModelError(
        file: folder.path,
        reason: "has no weights, its download is unfinished (\(unfinished)): download the model again")
    }
    let others = folder.fileNames.filter(isWeights)
    guard let first = others.first else {
      return ModelError(file: folder.path, reason: "has no weights: \(expected)")
    }
    let named = others.prefix(4).joined(separator: ", ") + (others.count > 4 ? ", …" : "")
    let cure = others.lazy.compactMap(cure).first ?? "save the model again with save_pretrained of transformers"
    return ModelError(
      file: folder.path, entry: others.count == 1 ? first : nil,
      reason: (others.count == 1 ? "is not read" : "\(named) are not read") + ": \(cure); weights are \(expected)")
  }

  private static func cure(_ name: String) -> String? {
    if name.hasPrefix("adapter_model.") {
      return "it is an adapter, not a model: merge it into its model (merge_and_unload of peft) and save that"
    }
    guard name.hasSuffix(".safetensors") || name.hasSuffix(".bin") else { return nil }
    if name.contains("-of-0") {
      return "it is a shard, and the index that names all shards (…\(indexEnding(name))) is missing: download it again"
    }
    return "rename it model.safetensors or pytorch_model.bin if it is the whole model"
  }

  private static func indexEnding(_ name: String) -> String {
    name.hasSuffix(".bin") ? ".bin.index.json" : ".safetensors.index.json"
  }
}
