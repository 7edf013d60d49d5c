/// Numbers from 0 on, cut into ranges of about equal size, each a multiple of a step but for the last.
public struct Cuts: Sendable {
  private let total: Int
  private let step: Int
  /// Of ranges; at least 1.
  public let count: Int

  /// - Parameters:
  ///   - total: of numbers.
  ///   - parts: ranges at the most.
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
