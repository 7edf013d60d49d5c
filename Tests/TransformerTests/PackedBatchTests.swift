import TestSupport
import Testing

@testable import Transformer

/// Sequences that are packed one after the other.
@Suite struct PackedBatchTests {
  private static let experts: [EncodingTask: Int] = [.search: 0, .linkPrediction: 1, .classification: 2]

  private static func inputs(_ count: Int, longest: Int, using generator: inout SeededGenerator) -> [EncoderInput] {
    (0..<count).map { index in
      let length = Int.random(in: 1...longest, using: &generator)
      return EncoderInput(
        tokens: (0..<length).map { Int32(1_000 * index + $0) },
        task: EncodingTask.standard.randomElement(using: &generator) ?? .search,
        role: EncodingRole.allCases.randomElement(using: &generator) ?? .query)
    }
  }

  @Test func anExampleOfThreeTasks() {
    let tasks: [EncodingTask] = [.classification, .search, .classification, .linkPrediction]
    let inputs = tasks.enumerated().map { index, task in
      EncoderInput(tokens: Array(repeating: Int32(index), count: index + 1), task: task, role: .query)
    }
    let batches = PackedBatch.packing(inputs, indices: [0, 1, 2, 3], maxRows: 100) { Self.experts[tasks[$0]] ?? 0 }
    #expect(batches.count == 1)
    #expect(batches[0].tokens == [1, 1, 3, 3, 3, 3, 0, 2, 2, 2])
    #expect(batches[0].inputIndices == [1, 3, 0, 2])
    #expect(batches[0].sequences == [0..<2, 2..<6, 6..<7, 7..<10])
    #expect(
      batches[0].groups == [
        PackedBatch.ExpertGroup(expert: 0, rows: 0..<2), PackedBatch.ExpertGroup(expert: 1, rows: 2..<6),
        PackedBatch.ExpertGroup(expert: 2, rows: 6..<10),
      ])
    #expect(batches[0].rows == 10 && batches[0].longestSequence == 4)
  }

  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func everySequenceIsPackedOnceInItsExpertsGroup(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let inputs = Self.inputs(Int.random(in: 1...60, using: &generator), longest: 40, using: &generator)
    let chosen = inputs.indices.filter { _ in generator.happens(0.8) }
    let maxRows = Int.random(in: 1...300, using: &generator)
    let batches = PackedBatch.packing(inputs, indices: chosen, maxRows: maxRows) { Self.experts[inputs[$0].task] ?? 0 }
    #expect(batches.flatMap(\.inputIndices).sorted() == chosen)
    for batch in batches {
      #expect(batch.rows <= maxRows || batch.sequences.count == 1)
      #expect(batch.tokens == batch.inputIndices.flatMap { inputs[$0].tokens })
      #expect(zip(batch.sequences, batch.inputIndices).allSatisfy { $0.count == inputs[$1].tokens.count })
      Self.expectContiguous(batch.sequences, rows: batch.rows)
      Self.expectContiguous(batch.groups.map(\.rows), rows: batch.rows)
      #expect(Set(batch.groups.map(\.expert)).count == batch.groups.count, "one group an expert")
      for (rows, index) in zip(batch.sequences, batch.inputIndices) {
        let group = batch.groups.first { $0.rows.contains(rows.lowerBound) }
        #expect(group?.expert == Self.experts[inputs[index].task])
        #expect(group.map { $0.rows.upperBound >= rows.upperBound } == true)
      }
    }
  }

  @Test func nothingMakesNoBatch() {
    #expect(PackedBatch.packing([], indices: [], maxRows: 10, expert: { _ in 0 }).isEmpty)
  }

  private static func expectContiguous(_ ranges: [Range<Int>], rows: Int) {
    #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == rows)
    for (range, next) in zip(ranges, ranges.dropFirst()) { #expect(range.upperBound == next.lowerBound) }
  }
}
