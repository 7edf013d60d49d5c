/// How two embeddings are compared, with the names of the public contract.
public enum Similarity: String, Sendable, Equatable, Codable, CaseIterable {
  case dot
  /// The dot product of the embeddings divided by their lengths: from −1 to 1.
  case cosine
}
