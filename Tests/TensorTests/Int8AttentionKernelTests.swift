import CKernels
import Foundation
import TestSupport
import Testing

@testable import Tensor

/// Attention in int8 with every set for this CPU, compared with double precision.
@Suite struct Int8AttentionKernelTests {
  /// One sequence: its projections, and the results.
  private struct Sequence {
    let kernels: scimult_int8_kernels
    let shape: scimult_heads
    let projections: [Float]
    let queries: AlignedBuffer
    let queryScales: AlignedBuffer
    let blocks: AlignedBuffer

    var length: Int { shape.length }
    var width: Int { shape.heads * shape.head_size }

    init(_ kernels: scimult_int8_kernels, length: Int, heads: Int, headSize: Int, projections: [Float]) {
      shape = scimult_heads(length: length, heads: heads, head_size: headSize)
      (self.kernels, self.projections) = (kernels, projections)
      queries = AlignedBuffer(byteCount: length * kernels.query_size(shape))
      queryScales = AlignedBuffer(count: length)
      blocks = AlignedBuffer(byteCount: kernels.heads_size(shape))
    }

    func split(_ rows: Range<Int>) {
      projections.withUnsafeBufferPointer { values in
        kernels.split_heads(
          shape, rows.lowerBound, rows.count, values.baseAddress! + rows.lowerBound * 3 * width, 3 * width,
          queries.start.assumingMemoryBound(to: UInt8.self) + rows.lowerBound * kernels.query_size(shape),
          queryScales.baseAddress + rows.lowerBound, blocks.start.assumingMemoryBound(to: UInt8.self))
      }
    }

    /// Every byte that split() writes.
    var bytes: [[UInt8]] {
      [queries, queryScales, blocks].map { Array(UnsafeRawBufferPointer(start: $0.start, count: $0.byteCount)) }
    }

    func attend(_ rows: Range<Int>, heads: Range<Int>? = nil) -> [Float] {
      let heads = heads ?? 0..<shape.heads
      let workspace = AlignedBuffer(byteCount: kernels.workspace_size(shape))
      var context = [Float](repeating: 7, count: rows.count * (width + 3))
      kernels.attend(
        shape, heads.lowerBound, heads.count, rows.count,
        queries.start.assumingMemoryBound(to: UInt8.self) + rows.lowerBound * kernels.query_size(shape),
        queryScales.baseAddress + rows.lowerBound, blocks.start.assumingMemoryBound(to: UInt8.self), &context,
        width + 3,
        workspace.start)
      return context
    }

    /// The definition in double precision, with the same gaps between rows.
    func expected() -> [Double] {
      let values = projections.map(Double.init)
      let (size, stride) = (shape.head_size, 3 * width)
      var context = [Double](repeating: 7, count: length * (width + 3))
      for head in 0..<shape.heads {
        for row in 0..<length {
          let scores = (0..<length).map { key in
            (0..<size).reduce(0.0) { sum, column in
              sum + values[row * stride + head * size + column] * values[key * stride + width + head * size + column]
            } / Double(size).squareRoot()
          }
          let probabilities = Reference.softmax(scores)
          for column in 0..<size {
            context[row * (width + 3) + head * size + column] = (0..<length).reduce(0.0) { sum, key in
              sum + probabilities[key] * values[key * stride + 2 * width + head * size + column]
            }
          }
        }
      }
      return context
    }
  }

  private static let headSizes = [1, 4, 8, 25, 32, 64]
  private static let lengths = Array(1...70) + [257]

  private func random(
    _ kernels: scimult_int8_kernels, length: Int, heads: Int, headSize: Int, spread: Float = 1
  ) -> Sequence {
    var generator = SeededGenerator(seed: UInt64(61 + length * 100 + headSize))
    let projections = generator.floats(length * 3 * heads * headSize).map { $0 * spread }
    return Sequence(kernels, length: length, heads: heads, headSize: headSize, projections: projections)
  }

  /// The rounding error of queries, keys, values and probabilities is at most one part in 254 of the largest.
  @Test(arguments: InstructionSet.available)
  func attentionEqualsTheDefinitionToQuantisation(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    for headSize in Self.headSizes {
      for length in Self.lengths {
        let sequence = random(kernels, length: length, heads: 3, headSize: headSize)
        sequence.split(0..<length)
        let error = largestError([sequence.attend(0..<length)], [sequence.expected()])
        #expect(error <= 0.01, "\(set), \(length) rows, heads of \(headSize)")
      }
    }
  }

  /// The factors of the largest queries and keys, and of the largest values, relative to the others.
  private static let spreads: [(name: String, scores: Float, values: Float)] = [
    ("sharp scores", 3, 1), ("flat scores", 1e-4, 1), ("large values", 1, 1000), ("tiny values", 1, 1e-6),
  ]

  @Test(arguments: InstructionSet.available)
  func anyMagnitudeKeepsItsPrecision(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    for (name, scores, values) in Self.spreads {
      let base = random(kernels, length: 40, heads: 2, headSize: 32)
      let projections = base.projections.enumerated().map { index, value in
        value * (index % (3 * base.width) < 2 * base.width ? scores : values)
      }
      let sequence = Sequence(kernels, length: 40, heads: 2, headSize: 32, projections: projections)
      sequence.split(0..<40)
      let error = largestError([sequence.attend(0..<40)], [sequence.expected()])
      #expect(error <= 0.05 * Double(values), "\(set), \(name)")
    }
  }

  @Test(arguments: InstructionSet.available)
  func zerosGiveZeros(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    for length in [1, 3, 16, 33] {
      let zeros = [Float](repeating: 0, count: length * 3 * 2 * 25)
      let sequence = Sequence(kernels, length: length, heads: 2, headSize: 25, projections: zeros)
      sequence.split(0..<length)
      let expected = (0..<length * 53).map { $0 % 53 < 50 ? 0 : 7 as Float }
      #expect(sequence.attend(0..<length) == expected, "\(set), \(length) rows")
    }
  }

  @Test(arguments: InstructionSet.available)
  func aSequenceSplitInPiecesGivesTheSameBytes(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    for headSize in Self.headSizes {
      for length in [1, 16, 17, 33, 48, 70, 257] {
        let whole = random(kernels, length: length, heads: 3, headSize: headSize)
        whole.split(0..<length)
        for piece in [16, 32, 64] {
          let pieces = random(kernels, length: length, heads: 3, headSize: headSize)
          // Threads may run the pieces in any order.
          for first in stride(from: 0, to: length, by: piece).reversed() {
            pieces.split(first..<min(first + piece, length))
          }
          #expect(pieces.bytes == whole.bytes, "\(set), \(length) rows by \(piece), heads of \(headSize)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func aRowAttendsAlikeInAnyCompany(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    for headSize in Self.headSizes {
      for length in [1, 13, 33, 70] {
        let sequence = random(kernels, length: length, heads: 3, headSize: headSize)
        sequence.split(0..<length)
        let whole = sequence.attend(0..<length)
        for piece in [1, 5, 16, 29] {
          let pieces = stride(from: 0, to: length, by: piece).flatMap { sequence.attend($0..<min($0 + piece, length)) }
          #expect(pieces == whole, "\(set), \(length) rows by \(piece), heads of \(headSize)")
        }
      }
    }
  }
}
