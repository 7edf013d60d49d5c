import CKernels
import TestSupport
import Testing

@testable import Tensor

/// The operations on rows between two products, with every set for this CPU, compared with their definitions.
@Suite struct Int8RowKernelTests {
  private static let columnCounts = [1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 48, 64, 100, 257]

  /// Rows that are wider than their columns, and their u8 form. The gaps between rows must not change.
  private struct Rows {
    let rows: Int
    let columns: Int
    let stride: Int
    var values: [Float]
    var bytes: [UInt8]
    var scales: [scimult_row_scale]

    init(_ rows: Int, _ columns: Int, _ values: (Int) -> Float) {
      (self.rows, self.columns, stride) = (rows, columns, columns + 3)
      self.values = (0..<rows * stride).map(values)
      bytes = Array(repeating: 99, count: rows * stride)
      scales = Array(repeating: scimult_row_scale(scale: .nan, offset: .nan), count: rows)
    }

    mutating func quantize(_ kernels: scimult_int8_kernels) {
      kernels.quantize(rows, columns, values, stride, &bytes, stride, &scales)
    }

    /// The value that a byte represents.
    func meaning(_ index: Int) -> Double {
      let scale = scales[index / stride]
      return Double(scale.offset) + Double(scale.scale) * Double(bytes[index])
    }

    func isOutside(_ index: Int) -> Bool { index % stride >= columns }
  }

  private static let kinds: [(name: String, value: @Sendable (Float) -> Float)] = [
    ("around zero", { $0 }), ("above zero", { $0 + 3 }), ("below zero", { $0 - 3 }), ("huge", { $0 * 1e30 }),
    ("tiny", { $0 * 1e-30 }), ("zero", { _ in 0 }), ("all the same", { _ in 2.5 }),
    ("one outlier", { $0 > 0.9 ? 500 : $0 }),
  ]

  @Test(arguments: InstructionSet.available)
  func aByteIsHalfAStepFromItsValueAtMost(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    var generator = SeededGenerator(seed: 51)
    for (name, value) in Self.kinds {
      for columns in Self.columnCounts {
        var rows = Rows(3, columns) { _ in value(Float.random(in: -1...1, using: &generator)) }
        rows.quantize(kernels)
        let wrong = rows.values.indices.first { index in
          if rows.isOutside(index) { return rows.bytes[index] != 99 }
          let step = Double(rows.scales[index / rows.stride].scale)
          return !(abs(rows.meaning(index) - Double(rows.values[index])) <= 0.5001 * step)
        }
        #expect(wrong == nil, "\(set), \(name), \(columns) columns")
      }
    }
  }

  /// The smallest and the largest value, or zero, are the ends of the range.
  @Test(arguments: InstructionSet.available)
  func aRowsRangeIsItsOwnAndHoldsZero(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    for (values, offset, end): ([Float], Float, Float) in [
      ([1, 2, 3], 0, 3), ([-3, -1], -3, 0), ([-1, 4, 2], -1, 4), ([0, 0], 0, 0),
    ] {
      for place in 0..<40 {
        let columns = place + values.count
        var rows = Rows(1, columns) { $0 >= place && $0 < columns ? values[$0 - place] : 0 }
        rows.quantize(kernels)
        #expect(rows.scales[0].offset == offset, "\(set), \(values) at \(place)")
        #expect(abs(rows.scales[0].scale - (end - offset) / 255) <= 1e-8, "\(set), \(values) at \(place)")
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func normalizedRowsEqualTheDefinitionAndAreQuantized(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    var generator = SeededGenerator(seed: 52)
    for spread: Float in [1e-3, 1, 1e3] {
      for columns in Self.columnCounts {
        var rows = Rows(3, columns) { _ in spread * Float.random(in: -1...1, using: &generator) }
        let (before, gamma, beta) = (rows, generator.floats(columns), generator.floats(columns))
        kernels.normalize(
          3, columns, &rows.values, rows.stride, gamma, beta, 1e-12, &rows.bytes, rows.stride, &rows.scales)
        for row in 0..<3 {
          let range = row * rows.stride..<row * rows.stride + columns
          let expected = Reference.layerNorm(
            before.values[range].map(Double.init), gamma: gamma, beta: beta, epsilon: 1e-12)
          let error = largestError([Array(rows.values[range])], [expected])
          #expect(error <= 2e-5 * Double(columns).squareRoot(), "\(set), \(spread), \(columns) columns, row \(row)")
        }
        var quantized = rows
        quantized.quantize(kernels)
        #expect(rows.bytes == quantized.bytes, "\(set), \(columns) columns")
        #expect(rows.scales.map(\.scale) == quantized.scales.map(\.scale), "\(set), \(columns) columns")
        #expect(rows.scales.map(\.offset) == quantized.scales.map(\.offset), "\(set), \(columns) columns")
        let touched = rows.values.indices.first { index in
          rows.isOutside(index) && (rows.values[index] != before.values[index] || rows.bytes[index] != 99)
        }
        #expect(touched == nil, "\(set), \(columns) columns")
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func whatQuantisingLosesIsTheRest(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    var generator = SeededGenerator(seed: 53)
    for columns in Self.columnCounts {
      var rows = Rows(3, columns) { _ in Float.random(in: -1...1, using: &generator) }
      rows.quantize(kernels)
      var rest = [Float](repeating: 7, count: rows.values.count)
      kernels.subtract_quantized(
        3, columns, rows.values, rows.stride, rows.bytes, rows.stride, rows.scales, &rest, rows.stride)
      let expected = rest.indices.map { rows.isOutside($0) ? 7 : Double(rows.values[$0]) - rows.meaning($0) }
      #expect(largestError([rest], [expected]) <= 3e-7, "\(set), \(columns) columns")
    }
  }

  @Test(arguments: InstructionSet.available)
  func weightsAreQuantizedByRow(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    var generator = SeededGenerator(seed: 54)
    for spread: Float in [1e-20, 1, 1e20] {
      for columns in Self.columnCounts {
        var x = generator.floats(4 * columns).map { $0 * spread }
        for index in 0..<columns { x[index] = 0 }
        var (scales, q) = ([Float](repeating: .nan, count: 4), [Int8](repeating: 99, count: 4 * columns))
        kernels.quantize_weights(4, columns, x, &scales, &q)
        #expect(q[..<columns].allSatisfy { $0 == 0 }, "\(set), zeros")
        let wrong = (columns..<4 * columns).first { index in
          let scale = Double(scales[index / columns])
          return q[index] == -128 || !(abs(Double(x[index]) - scale * Double(q[index])) <= 0.5001 * scale)
        }
        #expect(wrong == nil, "\(set), \(spread), \(columns) columns")
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func embeddingsAreWordsAndPositions(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    var generator = SeededGenerator(seed: 55)
    let tokens: [Int32] = [4, 0, 4, 2, 1]
    for columns in Self.columnCounts {
      let words = (0..<5 * columns).map { _ in Int8.random(in: -127...127, using: &generator) }
      let (scales, positions) = (generator.floats(5), generator.floats(5 * columns))
      let stride = columns + 3
      var x = [Float](repeating: 7, count: 5 * stride)
      kernels.embed(5, columns, tokens, words, scales, positions, &x, stride)
      let expected = x.indices.map { index in
        let (row, column) = index.quotientAndRemainder(dividingBy: stride)
        guard column < columns else { return 7.0 }
        let token = Int(tokens[row])
        let word = Double(scales[token]) * Double(words[token * columns + column])
        return word + Double(positions[row * columns + column])
      }
      #expect(largestError([x], [expected]) <= 2e-5, "\(set), \(columns) columns")
    }
  }
}
