import Testing
import Transformer

@testable import Service

/// The statistics of texts.
@Suite struct TextStatisticsTests {
  private static func texts(_ lengths: [Int], task: EncodingTask, truncated: Set<Int> = []) -> Validation.Inputs {
    lengths.enumerated().reduce(into: Validation.Inputs()) { texts, item in
      let tokens = [Int32](repeating: 7, count: item.element)
      texts.append(
        EncoderInput(tokens: tokens, task: task, role: .query), truncated: truncated.contains(item.offset))
    }
  }

  @Test func textsAndTokensAreCountedByTask() {
    var statistics = TextStatistics()
    statistics.add(Self.texts([3, 512, 512], task: .search, truncated: [1, 2]))
    statistics.add(Self.texts([4], task: .search))
    statistics.add(Self.texts([5, 5], task: .classification, truncated: [0]))
    #expect(
      statistics.byTask == [
        .search: TextStatistics.Count(texts: 4, tokens: 1_031),
        .classification: TextStatistics.Count(texts: 2, tokens: 10),
      ])
    #expect(statistics.truncatedTexts == 3)
  }
}
