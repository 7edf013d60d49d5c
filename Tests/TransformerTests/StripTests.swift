import Tensor
import TestSupport
import Testing

@testable import Transformer

/// Batches that are cut into strips.
@Suite struct StripTests {
  private static func batch(of lengths: [Int], tasks: [EncodingTask]) -> PackedBatch {
    let inputs = zip(lengths, tasks).map { length, task in
      EncoderInput(tokens: [Int32](repeating: 7, count: length), task: task, role: .query)
    }
    return PackedBatch.packing(inputs, indices: Array(inputs.indices), maxRows: .max) {
      EncodingTask.standard.firstIndex(of: tasks[$0]) ?? 0
    }[0]
  }

  private static func randomBatch(tasks: [EncodingTask], using generator: inout SeededGenerator) -> PackedBatch {
    let longest = [1, 16, 40, 512].randomElement(using: &generator) ?? 512
    let lengths = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
      Int.random(in: 1...longest, using: &generator)
    }
    return batch(of: lengths, tasks: lengths.map { _ in tasks.randomElement(using: &generator) ?? .search })
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func eachRowIsInOneStripOfItsExpert(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let batch = Self.randomBatch(tasks: EncodingTask.standard, using: &generator)
    for threads in 1...8 {
      let strips = Strip.cutting(batch, threads: threads, rows: 96)
      #expect(strips.flatMap(\.rows) == Array(0..<batch.rows))
      for strip in strips {
        #expect(strip.pieces.flatMap(\.rows) == Array(strip.rows))
        #expect(strip.rows.allSatisfy { batch.expert(ofRow: $0) == strip.expert })
        #expect(strip.rows.count <= Strip.maxRows(96))
      }
    }
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func piecesAreOfOneSequenceAndCutWhereItMayBe(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let batch = Self.randomBatch(tasks: EncodingTask.standard, using: &generator)
    for threads in 1...8 {
      for piece in Strip.cutting(batch, threads: threads, rows: 96).flatMap(\.pieces) {
        let sequence = batch.sequences[piece.sequence]
        #expect(!piece.rows.isEmpty)
        #expect(piece.rows.lowerBound == sequence.lowerBound + piece.first)
        #expect(piece.first.isMultiple(of: QuantizedHeads.cutRows))
        #expect(
          piece.rows.upperBound == sequence.upperBound
            || piece.rows.upperBound < sequence.upperBound && piece.rows.count.isMultiple(of: QuantizedHeads.cutRows))
      }
    }
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func threadsGetAsManyStripsOfAboutEqualSizeWhereRowsAllow(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let batch = Self.randomBatch(tasks: [.search], using: &generator)
    for threads in 1...8 where batch.rows >= 64 * threads {
      let strips = Strip.cutting(batch, threads: threads, rows: 96)
      #expect(strips.count.isMultiple(of: threads))
      let sizes = strips.map(\.rows.count)
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 2 * QuantizedHeads.cutRows, "\(sizes)")
    }
  }

  @Test func fewRowsAreOneThreads() {
    #expect(Strip.cutting(Self.batch(of: [12], tasks: [.search]), threads: 8, rows: 96).count == 1)
    #expect(Strip.cutting(Self.batch(of: [1], tasks: [.search]), threads: 1, rows: 96).count == 1)
  }

  @Test func aLongTextIsSharedByTwoThreads() {
    let strips = Strip.cutting(Self.batch(of: [128], tasks: [.search]), threads: 2, rows: 96)
    #expect(strips.map(\.rows) == [0..<64, 64..<128])
  }
}
