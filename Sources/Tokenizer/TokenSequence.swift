/// A text, or a pair of texts, as the model reads it.
public struct TokenSequence: Sendable, Equatable {
  /// Token ids, the `[CLS]` in front and the `[SEP]` at the end included.
  public var ids: [Int32]
  /// Whether the text held more tokens than `ids` does.
  public var truncated: Bool
  /// Where the tokens of type 1 begin, the second text of a pair and its `[SEP]`; nil where all tokens are of type 0.
  public var secondSegment: Int?

  /// A sequence of the given ids.
  public init(ids: [Int32], truncated: Bool, secondSegment: Int? = nil) {
    self.ids = ids
    self.truncated = truncated
    self.secondSegment = secondSegment
  }
}
