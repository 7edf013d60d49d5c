import Checkpoint

/// What a model's folder holds that serving does not read, for a person who wonders why it has no effect.
public struct UnreadParts: Sendable, Equatable {
  /// Heads for other work, and other tensors beside the encoder, sorted.
  public let tensors: [String]
  /// Files of the folder itself, sorted.
  public let files: [String]
  /// Names of prompts that no role takes, sorted.
  public let prompts: [String]
  /// Names of adapters that no task has, sorted.
  public let adapters: [String]

  static let none = UnreadParts(tensors: [], files: [], prompts: [], adapters: [])

  /// Names of files that are read wherever they are; those of the vocabulary are the tokenizer's.
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
  ///   - tensors: that are in the weights and are not read.
  ///   - adapters: that are there and no task has.
  ///   - filesRead: names of what is read of experts.
  ///   - readsPrompts: whether the folder's prompts are read, and no instructions in their place.
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
