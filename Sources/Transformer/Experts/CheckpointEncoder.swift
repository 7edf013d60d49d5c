import Checkpoint

/// An encoder as checkpoints hold it: whole, or with adapters that make experts of it.
struct CheckpointEncoder: Sendable {
  let file: WeightsFile
  /// What the names of its tensors start with.
  let prefix: String
  let layout: ExpertLayout
  /// By expert; empty where experts, if there are any, have names of their own in the file.
  let adapters: [ExpertAdapter?]

  /// What the names of the encoder's tensors start with.
  static func prefix(of weights: WeightsFile, _ family: EncoderFamily) throws(ModelError) -> String {
    let name = EncoderFamily.wordEmbeddings
    for prefix in [family.prefix, ""] where weights.tensors[prefix + name] != nil { return prefix }
    guard let other = weights.tensors.keys.sorted().first(where: { $0.hasSuffix("." + name) }) else { return "" }
    throw ModelError(
      file: weights.path, entry: other,
      reason: "its name does not start with embeddings. or \(family.prefix)embeddings.: save the weights again without "
        + "\"\(other.dropLast(name.count))\" in front of the names")
  }
}
