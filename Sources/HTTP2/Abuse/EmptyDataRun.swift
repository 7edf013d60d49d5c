/// Counts consecutive data frames that neither contain a byte nor end their stream.
struct EmptyDataRun {
  static let longest = 16
  private var length = 0

  /// - Returns: false if the frame exceeds the limit.
  mutating func received(isEmpty: Bool) -> Bool {
    length = isEmpty ? length + 1 : 0
    return length <= Self.longest
  }
}
