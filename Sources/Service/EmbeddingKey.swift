import Transformer

/// Everything that determines an embedding in one model. Keys are compared in full: equal hashes do not make keys
/// equal.
struct EmbeddingKey: Hashable, Sendable {
  /// Computed once, outside any lock. It is the first member, so that comparing unequal keys ends at it.
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

  /// The same key without the spare capacity of its arrays.
  func trimmed() -> EmbeddingKey { EmbeddingKey(hash: hash, input: input.trimmed()) }
}
