/// Data frames in a row that neither hold a byte nor end their stream.
struct EmptyDataRun {
  static let longest = 16
  private var length = 0

  /// - Returns: false where the frame is one too many.
  mutating func received(isEmpty: Bool) -> Bool {
    length = isEmpty ? length + 1 : 0
    return length <= Self.longest
  }
}
