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

  public var isEmpty: Bool { tensors.isEmpty && files.isEmpty && prompts.isEmpty }

  private init(tensors: [String], files: [String], prompts: [String]) {
    (self.tensors, self.files, self.prompts) = (tensors, files, prompts)
  }

  /// - Parameters:
  ///   - weights: the encoder's, as they were opened.
  ///   - readsPrompts: whether the folder's prompts are read, and no instructions in their place.
  init(
    tensors: [String], folder: ModelFolder, files: SentenceTransformersFolder, weights: WeightsFile,
    readsPrompts: Bool
  ) {
    self.tensors = tensors
    let unusedWeights = files.encoder.path == folder.path ? folder.unusedWeights(beside: weights) : []
    self.files = folder.fileNames.filter { name in
      !name.hasPrefix(".") && !files.modulePaths.contains(name) && !FolderKeys.isRead(name)
        && !(FolderKeys.isWeights(name) && !unusedWeights.contains(name))
    }
    prompts = readsPrompts ? files.unreadPrompts : files.promptNames
  }
}
