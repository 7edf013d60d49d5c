/// The numbers from 0 to a total, divided into ranges of about equal size. The size of each range is a multiple of a
/// step, except for the last.
public struct Cuts: Sendable {
  private let total: Int
  private let step: Int
  /// The number of ranges; at least 1.
  public let count: Int

  /// - Parameters:
  ///   - total: how many numbers there are.
  ///   - parts: the maximum number of ranges.
  public init(of total: Int, into parts: Int, step: Int = 1) {
    precondition(total >= 0 && step > 0)
    self.total = total
    self.step = step
    count = max(min(parts, (total + step - 1) / step), 1)
  }

  public subscript(index: Int) -> Range<Int> {
    precondition(index >= 0 && index < count, "no such range")
    let steps = (total + step - 1) / step
    return steps * index / count * step..<min(steps * (index + 1) / count * step, total)
  }
}
