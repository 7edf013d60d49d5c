import TestSupport
import Testing

@testable import Tensor

/// Ranges that cover all numbers once, in order, at multiples of a step.
@Suite struct CutsTests {
  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func everyNumberIsInOneRange(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let total = Int.random(in: 0...3_000, using: &generator)
    let step = [1, 8, 16, 32].randomElement(using: &generator) ?? 1
    let parts = Int.random(in: -1...20, using: &generator)
    let cuts = Cuts(of: total, into: parts, step: step)
    let ranges = (0..<cuts.count).map { cuts[$0] }
    #expect(ranges.flatMap(Array.init) == Array(0..<total))
    #expect(ranges.allSatisfy { $0.lowerBound.isMultiple(of: step) })
    #expect(cuts.count <= max(parts, 1))
    let sizes = ranges.dropLast().map(\.count)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= step)
    #expect(total == 0 || ranges.allSatisfy { !$0.isEmpty })
  }
}
