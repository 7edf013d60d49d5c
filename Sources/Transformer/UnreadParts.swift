import Checkpoint

/// The parts of a model's folder that serving does not read, for a user who wonders why they have no effect.
public struct UnreadParts: Sendable, Equatable {
  /// Heads for other tasks, and other tensors outside the encoder, sorted.
  public let tensors: [String]
  /// Files in the folder itself, sorted.
  public let files: [String]
  /// The names of prompts that no role uses, sorted.
  public let prompts: [String]
  /// The names of adapters that no task uses, sorted.
  public let adapters: [String]

  static let none = UnreadParts(tensors: [], files: [], prompts: [], adapters: [])

  /// The names of files that are read in any folder; the tokenizer has the names of the vocabulary's files.
  private static let filesRead = Set(
    [
      Configuration.fileName, SciMultFile.name, SentenceTransformersModules.fileName,
      SentenceTransformersSettings.fileName,
      "1_Pooling", "vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
      "added_tokens.json",
    ] + TransformerSettings.fileNames)

  private init(tensors: [String], files: [String], prompts: [String], adapters: [String]) {
    (self.tensors, self.files, self.prompts, self.adapters) = (tensors, files, prompts, adapters)
  }

  /// - Parameters:
  ///   - tensors: the tensors in the weights that are not read.
  ///   - adapters: the existing adapters that no task uses.
  ///   - filesRead: the names of files and folders read for experts.
  ///   - readsPrompts: whether the folder's prompts are read, and no instructions instead.
  init(
    tensors: [String], adapters: [String], weights: WeightsFile, folder: ModelFolder,
    files: SentenceTransformersFolder, filesRead: Set<String>, readsPrompts: Bool
  ) {
    self.tensors = tensors
    self.adapters = adapters.sorted()
    let weightsRead = Set(weights.filePaths + [weights.path])
    self.files = folder.fileNames.filter { name in
      !name.hasPrefix(".") && !Self.filesRead.contains(name) && !files.modulePaths.contains(name)
        && !weightsRead.contains(folder.path(of: name)) && !filesRead.contains(name)
    }
    prompts = readsPrompts ? files.unreadPrompts : files.promptNames
  }
}
