import CKernels
import Foundation
import TestSupport
import Testing

@testable import Tensor

/// Linear layers of u8 rows and s8 weights with every set for this CPU, compared with integer arithmetic.
@Suite struct Int8LinearKernelTests {
  private static let shapes = [
    (1, 1), (1, 3), (3, 1), (3, 2), (8, 31), (16, 4), (31, 33), (33, 31), (48, 100), (70, 5), (100, 48), (129, 257),
  ]

  /// Integers of −127 to 127, where each output has both or one of these. Their scale is 1 if pairs of neighbours are
  /// not larger together.
  private func integers(_ outputs: Int, _ inputs: Int, _ generator: inout SeededGenerator) -> [Float] {
    (0..<outputs * inputs).map { index in
      let random = Int.random(in: -127...127, using: &generator)
      return Float(index % inputs == 0 ? (random < 0 ? -127 : 127) : random)
    }
  }

  /// Σ x · w in integers, rounded and scaled once.
  private func sums(_ x: ByteRows, _ layer: Int8Layer) -> [Float] {
    let weight = layer.integers
    return (0..<x.rows).flatMap { row in
      let values = x.row(row).map { Int($0) }
      return (0..<layer.outputs).map { output in
        var sum = 0
        for input in 0..<x.columns { sum += values[input] * weight[output * x.columns + input] }
        return Float(sum) * layer.scales[output]
      }
    }
  }

  private func expectSums(
    _ kernels: scimult_int8_kernels, _ x: ByteRows, _ weight: [Float], outputs: Int, _ place: String
  ) {
    let layer = Int8Layer(
      kernels, outputs: outputs, inputs: x.columns, weight: weight, bias: Array(repeating: 0, count: outputs))
    #expect(layer.run(on: x) == sums(x, layer), "\(place)")
  }

  @Test(arguments: InstructionSet.available)
  func sumsAreThoseOfIntegers(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    var generator = SeededGenerator(seed: 41)
    for (outputs, inputs) in Self.shapes {
      for rows in [1, 5, 13] {
        let x = ByteRows(rows, inputs, &generator)
        let weight = integers(outputs, inputs, &generator)
        expectSums(kernels, x, weight, outputs: outputs, "\(set), \(rows) × \(outputs) × \(inputs)")
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func anyNumberOfRowsIsMultiplied(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    var generator = SeededGenerator(seed: 42)
    let weight = integers(33, 31, &generator)
    for rows in 1...70 {
      expectSums(kernels, ByteRows(rows, 31, &generator), weight, outputs: 33, "\(set), \(rows) rows")
    }
  }

  /// 255 · 127 · 2 exceeds 16 bits, and 255 · 127 · 3,072 exceeds the 24 bits of a float.
  @Test(arguments: InstructionSet.available)
  func nothingSaturates(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    var generator = SeededGenerator(seed: 43)
    for inputs in [1, 2, 3, 4, 5, 100, 3072] {
      for value: UInt8 in [0, 127, 128, 255] {
        let x = ByteRows(3, inputs, &generator, value: value)
        let signs: [(String, (Int) -> Float)] = [
          ("least", { _ in -127 }), ("largest", { _ in 127 }), ("both", { $0 % 2 == 0 ? 127 : -127 }),
        ]
        for (name, sign) in signs {
          let weight = (0..<33 * inputs).map(sign)
          expectSums(kernels, x, weight, outputs: 33, "\(set), \(inputs) inputs of \(value), \(name) weights")
        }
      }
    }
  }

  /// Integers whose neighbours of one sign add up to at most 128, often exactly, and of which each output has 127: their
  /// scale is 1. Most are small, so that two groups often add up to little more or less than 128.
  private func fullWords(_ outputs: Int, _ inputs: Int, _ generator: inout SeededGenerator) -> [Float] {
    (0..<outputs).flatMap { _ in
      var row: [Int] = []
      while row.count < inputs {
        let first = row.isEmpty ? 127 : [127, 126, 100, 65, 64, 63, 1, 0].randomElement(using: &generator)!
        let second = [128 - first, 127 - first, first - 128, -127, 0].randomElement(using: &generator)!
        if !row.isEmpty, generator.happens(0.9) {
          row += [Int.random(in: -1...1, using: &generator), 0]
          continue
        }
        let sign = Bool.random(using: &generator) ? 1 : -1
        row += [sign * first, sign * max(min(second, 127), -127)]
      }
      return row.prefix(inputs).map(Float.init)
    }
  }

  @Test(arguments: InstructionSet.available)
  func fullWordsAreExact(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    var generator = SeededGenerator(seed: 45)
    for inputs in [2, 4, 8, 12, 31, 64, 100, 384] {
      for value: UInt8? in [255, 254, nil] {
        let weight = fullWords(33, inputs, &generator)
        let place = "\(set), \(inputs) inputs of \(value.map(String.init) ?? "any")"
        expectSums(kernels, ByteRows(13, inputs, &generator, value: value), weight, outputs: 33, place)
      }
    }
  }

  /// A layer of random weights, rows with random scales, and the products in double precision of the same integers.
  private struct RandomLayer {
    let layer: Int8Layer
    let x: ByteRows
    /// Without bias.
    let products: [Double]

    init(_ kernels: scimult_int8_kernels, _ rows: Int, _ outputs: Int, _ inputs: Int, spread: Float = 1) {
      var generator = SeededGenerator(seed: 44)
      layer = Int8Layer(
        kernels, outputs: outputs, inputs: inputs, weight: generator.floats(outputs * inputs),
        bias: generator.floats(outputs))
      var x = ByteRows(rows, inputs, &generator)
      x.scales = (0..<rows).map { _ in
        scimult_row_scale(
          scale: spread * Float.random(in: 0.001...0.02, using: &generator),
          offset: spread * Float.random(in: -2...0, using: &generator))
      }
      self.x = x
      products = Self.products(x, layer)
    }

    private static func products(_ x: ByteRows, _ layer: Int8Layer) -> [Double] {
      let weight = layer.integers.enumerated().map { Double(layer.scales[$0 / x.columns]) * Double($1) }
      return (0..<x.rows).flatMap { row in
        let scale = x.scales[row]
        let values = x.row(row).map { Double(scale.offset) + Double(scale.scale) * Double($0) }
        return (0..<layer.outputs).map { output in
          var sum = 0.0
          for input in 0..<x.columns { sum += values[input] * weight[output * x.columns + input] }
          return sum
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func scalesOffsetsAndBiasesAreApplied(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    for (outputs, inputs) in Self.shapes {
      let random = RandomLayer(kernels, 7, outputs, inputs)
      let before = (0..<7 * outputs).map { Float($0 % 5) - 2 }
      let unbiased = random.products
      let plain = unbiased.indices.map { unbiased[$0] + Double(random.layer.bias[$0 % outputs]) }
      let added = zip(plain, before).map { $0 + Double($1) }
      // The product and the offset's part may be much larger than their sum.
      let tolerance = 1e-5 * Double(inputs).squareRoot()
      for (product, expected) in [(Int8Layer.Product.linear, plain), (.unbiased, unbiased), (.add, added)] {
        let y = random.layer.run(product, on: random.x, y: before, stride: outputs)
        #expect(largestError([y], [expected]) <= tolerance, "\(set), \(product), \(outputs) × \(inputs)")
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func geluIsWithinItsPromiseOfErf(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    for spread: Float in [0.001, 0.1, 1, 30] {
      let random = RandomLayer(kernels, 29, 33, 100, spread: spread)
      let plain = random.layer.run(on: random.x)
      let wrong = zip(plain, random.layer.run(.gelu, on: random.x)).first { before, value in
        let before = Double(before)
        return !(abs(Double(value) - Reference.gelu(before)) <= 2e-4 * max(1, abs(before)))
      }
      #expect(wrong == nil, "\(set), before and after")
    }
  }

  /// Other rows of a call change no bit of a row, and nothing outside rows × outputs is written.
  @Test(arguments: InstructionSet.available)
  func aRowIsTheSameInAnyCompany(set: InstructionSet) throws {
    let kernels = try #require(set.int8Kernels)
    for (outputs, inputs) in [(41, 57), (64, 48)] {
      let random = RandomLayer(kernels, 29, outputs, inputs)
      let stride = outputs + 3
      for product in [Int8Layer.Product.linear, .unbiased, .add, .gelu] {
        let before = [Float](repeating: 7, count: 29 * stride)
        let together = random.layer.run(product, on: random.x, y: before, stride: stride)
        for row in 0..<29 {
          let alone = random.layer.run(
            product, on: random.x.part(row..<row + 1), y: Array(repeating: 7, count: stride), stride: stride)
          #expect(alone == Array(together[row * stride..<(row + 1) * stride]), "\(set), \(product), row \(row)")
          #expect(alone.suffix(3) == [7, 7, 7], "\(set), \(product), row \(row)")
        }
      }
    }
  }
}
