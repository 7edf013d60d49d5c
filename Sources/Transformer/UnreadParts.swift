import Checkpoint

/// What a model's folder holds that serving does not read, for a person who wonders why it has no effect.
public struct UnreadParts: Sendable, Equatable {
  /// Heads for other work, and other tensors beside the encoder, sorted.
  public let tensors: [String]
  /// Files of the folder itself, sorted.
  public let files: [String]
  /// Names of prompts that no role takes, sorted.
  public let prompts: [String]

  static let none = UnreadParts(tensors: [], files: [], prompts: [])

  /// Names of files that are read wherever they are; those of the vocabulary are the tokenizer's.
  private static let filesRead = Set(
    [
      Configuration.fileName, SciMultFile.name, SentenceTransformersModules.fileName,
      SentenceTransformersSettings.fileName,
      "1_Pooling", "vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
      "added_tokens.json",
    ] + TransformerSettings.fileNames)

  private init(tensors: [String], files: [String], prompts: [String]) {
    (self.tensors, self.files, self.prompts) = (tensors, files, prompts)
  }

  /// - Parameters:
  ///   - tensors: that are in the weights and are not read.
  ///   - readsPrompts: whether the folder's prompts are read, and no instructions in their place.
  init(
    tensors: [String], weights: WeightsFile, folder: ModelFolder, files: SentenceTransformersFolder, readsPrompts: Bool
  ) {
    self.tensors = tensors
    let weightsRead = Set(weights.filePaths + [weights.path])
    self.files = folder.fileNames.filter { name in
      !name.hasPrefix(".") && !Self.filesRead.contains(name) && !files.modulePaths.contains(name)
        && !weightsRead.contains(folder.path(of: name))
    }
    prompts = readsPrompts ? files.unreadPrompts : files.promptNames
  }
}
