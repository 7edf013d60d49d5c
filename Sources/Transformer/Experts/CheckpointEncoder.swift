import Checkpoint

/// An encoder in a checkpoint, without experts, or with adapters as its experts.
struct CheckpointEncoder: Sendable {
  let file: WeightsFile
  /// The prefix of the names of its tensors.
  let prefix: String
  let layout: ExpertLayout
  /// The adapters by expert; empty if there are no experts, or if they have their own names in the file.
  let adapters: [ExpertAdapter?]

  /// The prefix of the names of the encoder's tensors.
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
