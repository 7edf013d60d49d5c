import Transformer

/// The texts that the encoder and the cache have answered.
public struct TextStatistics: Sendable, Equatable {
  public struct Count: Sendable, Equatable {
    public var texts: Int
    /// The tokens of the texts, as the model reads them.
    public var tokens: Int

    public init(texts: Int = 0, tokens: Int = 0) {
      self.texts = texts
      self.tokens = tokens
    }
  }

  public private(set) var byTask: [EncodingTask: Count] = [:]
  /// Texts that were longer than the model reads.
  public private(set) var truncatedTexts = 0

  /// Adds the texts of one request, which have one task.
  mutating func add(_ documents: Validation.Inputs) {
    guard let task = documents.inputs.first?.task else { return }
    byTask[task, default: Count()].texts += documents.inputs.count
    byTask[task, default: Count()].tokens += documents.inputs.reduce(0) { $0 + $1.tokens.count }
    truncatedTexts += documents.truncated.count { $0 }
  }
}
