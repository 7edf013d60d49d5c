/// Published encoders whose longest text is documented, but not in their files.
enum PublishedEncoders {
  /// MedCPT (Jin et al., arXiv 2307.00589): queries of 64 tokens, articles of 512.
  private static let medCPT: [EncodingRole: Int] = [.query: 64, .candidate: 512]

  /// The longest sequence of a role, by the names of the model's folder and of its encoders; nil if unknown.
  static func maxTokens(_ role: EncodingRole, folders: [String]) -> Int? {
    folders.contains { $0.lowercased().contains("medcpt") } ? medCPT[role] : nil
  }
}
