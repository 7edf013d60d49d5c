import Transformer

/// All that an embedding depends on, in one model. Compared in full: that two keys have one hash makes them no equals.
struct EmbeddingKey: Hashable, Sendable {
  /// Made once, outside of any lock; first, so that keys that differ are told apart by it.
  private let hash: Int
  let input: EncoderInput

  init(_ input: EncoderInput) {
    self.input = input
    var hasher = Hasher()
    hasher.combine(input.tokens)
    hasher.combine(input.task)
    hasher.combine(input.role)
    hasher.combine(input.firstSegmentTokens)
    hash = hasher.finalize()
  }

  private init(hash: Int, input: EncoderInput) {
    self.hash = hash
    self.input = input
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(hash)
  }

  /// The same key without the spare room that an array keeps for growing.
  func trimmed() -> EmbeddingKey { EmbeddingKey(hash: hash, input: input.trimmed()) }
}
