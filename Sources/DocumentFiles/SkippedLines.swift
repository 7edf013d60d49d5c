/// The lines that were no documents and were passed over.
package struct SkippedLines: Codable, Equatable, Sendable {
  package private(set) var count = 0
  /// The numbers of the first ones, from 1.
  package private(set) var first: [Int] = []

  private static let maxListed = 20

  mutating func add(_ line: Int) {
    count += 1
    if first.count < Self.maxListed { first.append(line) }
  }
}
