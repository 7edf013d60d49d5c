/// Encoders that are published with words on how long a text they read, which their files do not say.
enum PublishedEncoders {
  /// MedCPT (Jin et al., arXiv 2307.00589): queries of 64 tokens, articles of 512.
  private static let medCPT: [EncodingRole: Int] = [.query: 64, .candidate: 512]

  /// The longest sequence of a role, by the names of the model's folder and of its encoders; nil where it is not known.
  static func maxTokens(_ role: EncodingRole, folders: [String]) -> Int? {
    folders.contains { $0.lowercased().contains("medcpt") } ? medCPT[role] : nil
  }
}
