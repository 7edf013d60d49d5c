/// A text as the model reads it.
public struct TokenSequence: Sendable, Equatable {
  /// Token ids, the `[CLS]` in front and the `[SEP]` at the end included.
  public var ids: [Int32]
  /// Whether the text held more tokens than `ids` does.
  public var truncated: Bool

  /// A sequence of the given ids.
  public init(ids: [Int32], truncated: Bool) {
    self.ids = ids
    self.truncated = truncated
  }
}
