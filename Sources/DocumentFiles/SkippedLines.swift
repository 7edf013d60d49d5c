/// The lines that were passed over.
package struct SkippedLines: Codable, Equatable, Sendable {
  /// How many there are.
  package private(set) var count = 0
  /// The numbers of the first ones, from 1.
  package private(set) var first: [Int] = []

  private static let maxListed = 20

  /// None.
  package init() {}

  /// - Parameter line: behind all that are there.
  package mutating func add(_ line: Int) {
    count += 1
    if first.count < Self.maxListed { first.append(line) }
  }

  /// Both, in order.
  package static func + (a: SkippedLines, b: SkippedLines) -> SkippedLines {
    var sum = SkippedLines()
    sum.count = a.count + b.count
    sum.first = Array((a.first + b.first).sorted().prefix(maxListed))
    return sum
  }
}
