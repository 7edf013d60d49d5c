import DocumentFiles
import Testing

@testable import scimult

/// The lines that a command skipped, of both kinds.
@Suite struct SkippedLinesTests {
  private static func lines(_ numbers: some Sequence<Int>) -> SkippedLines {
    numbers.reduce(into: SkippedLines()) { $0.add($1) }
  }

  @Test func withoutSkippedLinesNothingIsReported() {
    #expect(SkippedLines().report == nil)
    #expect((SkippedLines() + SkippedLines()).report == nil)
  }

  @Test func bothKindsAreListedInOrder() {
    let sum = Self.lines([7, 40]) + Self.lines([12])
    #expect(sum.report == "3 bad lines skipped: 7, 12, 40")
    #expect(Self.lines([3]).report == "1 bad line skipped: 3")
  }

  @Test func theFirstTwentyAreListed() {
    let sum = Self.lines(stride(from: 1, to: 80, by: 2)) + Self.lines(stride(from: 2, to: 80, by: 2))
    #expect(sum.report == "79 bad lines skipped: \((1...20).map(String.init).joined(separator: ", ")), …")
    #expect(Self.lines(1...20).report?.hasSuffix(" 19, 20") == true)
  }
}
