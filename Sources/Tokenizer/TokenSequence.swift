/// A text, or a pair of texts, in the model's form.
public struct TokenSequence: Sendable, Equatable {
  /// The token ids, including the `[CLS]` at the beginning and the `[SEP]` at the end.
  public var ids: [Int32]
  /// Whether the text had more tokens than `ids`.
  public var truncated: Bool
  /// Where the tokens of type 1 begin: the second text of a pair and its `[SEP]`. nil if all tokens have type 0.
  public var secondSegment: Int?

  /// A sequence of the given ids.
  public init(ids: [Int32], truncated: Bool, secondSegment: Int? = nil) {
    self.ids = ids
    self.truncated = truncated
    self.secondSegment = secondSegment
  }
}
