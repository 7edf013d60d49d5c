/// The lines that a reader skipped.
package struct SkippedLines: Codable, Equatable, Sendable {
  /// The number of skipped lines.
  package private(set) var count = 0
  /// The numbers of the first skipped lines, from 1.
  package private(set) var first: [Int] = []

  private static let maxListed = 20

  /// No lines.
  package init() {}

  /// - Parameter line: the number of a line after all lines added so far.
  package mutating func add(_ line: Int) {
    count += 1
    if first.count < Self.maxListed { first.append(line) }
  }

  /// The lines of both, in order.
  package static func + (a: SkippedLines, b: SkippedLines) -> SkippedLines {
    var sum = SkippedLines()
    sum.count = a.count + b.count
    sum.first = Array((a.first + b.first).sorted().prefix(maxListed))
    return sum
  }
}
