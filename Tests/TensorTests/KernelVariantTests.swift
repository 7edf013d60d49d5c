import CKernels
import TestSupport
import Testing

@testable import Tensor

/// Every set of kernels for this CPU, compared with the scalar set, for awkward shapes.
@Suite struct KernelVariantTests {
  private static let specification = InstructionSet.scalar.kernels!
  private static let columnCounts = [1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 48, 64, 100, 257]
  private static let rowCounts = [1, 2, 5]

  /// A matrix whose rows are wider than its columns. The gaps between rows must not change.
  private struct Operand {
    let rows: Int
    let columns: Int
    let stride: Int
    var values: [Float]
    let bias: [Float]
    let other: [Float]

    init(_ rows: Int, _ columns: Int, _ generator: inout SeededGenerator) {
      func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -9...9, using: &generator) } }
      (self.rows, self.columns, stride) = (rows, columns, columns + 3)
      values = numbers(rows * stride)
      bias = numbers(columns)
      other = numbers(rows * stride)
    }
  }

  private typealias Operation = @Sendable (scimult_kernels, inout Operand) -> Void

  private static let operations: [(name: String, run: Operation)] = [
    ("add_residual", { $0.add_residual($1.rows, $1.columns, &$1.values, $1.stride, $1.other) }),
    ("gelu", { $0.gelu($1.rows, $1.columns, &$1.values, $1.stride) }),
    ("gelu_tanh", { $0.gelu_tanh($1.rows, $1.columns, &$1.values, $1.stride) }),
    ("relu", { $0.relu($1.rows, $1.columns, &$1.values, $1.stride) }),
    ("layer_norm", { $0.layer_norm($1.rows, $1.columns, &$1.values, $1.stride, $1.bias, $1.bias, 1e-5) }),
    ("softmax", { $0.softmax($1.rows, $1.columns, &$1.values, $1.stride, 0.3) }),
  ]

  @Test(arguments: InstructionSet.available)
  func operationsEqualTheSpecificationToRounding(set: InstructionSet) throws {
    let kernels = try #require(set.kernels)
    var generator = SeededGenerator(seed: 31)
    for (name, run) in Self.operations {
      for rows in Self.rowCounts {
        for columns in Self.columnCounts {
          var expected = Operand(rows, columns, &generator)
          let before = expected.values
          var actual = expected
          run(Self.specification, &expected)
          run(kernels, &actual)
          for index in before.indices {
            let place = "\(name), \(set), \(rows) × \(columns), \(index)"
            if index % expected.stride >= columns {
              #expect(actual.values[index] == before[index], "\(place) lies outside")
            } else {
              let tolerance = 4e-6 * max(1, abs(expected.values[index]))
              #expect(abs(actual.values[index] - expected.values[index]) <= tolerance, "\(place)")
            }
          }
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func linearLayersEqualTheDefinition(set: InstructionSet) throws {
    let kernels = try #require(set.kernels)
    var generator = SeededGenerator(seed: 33)
    for rows in [1, 2, 5, 6, 7, 11, 12, 13, 25, 97] {
      for (outputs, inputs) in [(1, 1), (3, 2), (16, 4), (31, 7), (32, 8), (33, 100), (48, 48), (70, 5)] {
        let x = (0..<rows).map { _ in generator.floats(inputs) }
        let weight = (0..<outputs).map { _ in generator.floats(inputs) }
        let bias = generator.floats(outputs)
        var packed = [Float](repeating: .nan, count: kernels.packed_count(outputs, inputs))
        kernels.pack(outputs, inputs, Array(weight.joined()), inputs, 1, bias, &packed)
        let stride = outputs + 3
        var y = [Float](repeating: 7, count: rows * stride)
        kernels.linear(rows, outputs, inputs, Array(x.joined()), inputs, packed, &y, stride)
        let expected = Reference.product(x, transposed: weight)
        for index in y.indices {
          let (row, column) = index.quotientAndRemainder(dividingBy: stride)
          let right = column < outputs ? expected[row][column] + Double(bias[column]) : 7
          #expect(abs(Double(y[index]) - right) <= 2e-5, "\(set), \(rows) × \(outputs) × \(inputs), \(index)")
        }
      }
    }
  }

  /// Other rows of a call change no bit of a row.
  @Test(arguments: InstructionSet.available)
  func aRowOfALinearLayerIsTheSameInAnyCompany(set: InstructionSet) throws {
    let kernels = try #require(set.kernels)
    var generator = SeededGenerator(seed: 34)
    let (rows, outputs, inputs) = (29, 41, 57)
    let x = generator.floats(rows * inputs)
    var packed = [Float](repeating: 0, count: kernels.packed_count(outputs, inputs))
    kernels.pack(outputs, inputs, generator.floats(outputs * inputs), inputs, 1, generator.floats(outputs), &packed)
    var together = [Float](repeating: 0, count: rows * outputs)
    kernels.linear(rows, outputs, inputs, x, inputs, packed, &together, outputs)
    for row in 0..<rows {
      var alone = [Float](repeating: 0, count: outputs)
      kernels.linear(1, outputs, inputs, Array(x[row * inputs..<(row + 1) * inputs]), inputs, packed, &alone, outputs)
      #expect(alone == Array(together[row * outputs..<(row + 1) * outputs]), "\(set), row \(row)")
    }
  }

  @Test(arguments: InstructionSet.available)
  func dotProductsEqualTheSpecificationToRounding(set: InstructionSet) throws {
    let kernels = try #require(set.kernels)
    var generator = SeededGenerator(seed: 32)
    for count in [0] + Self.columnCounts {
      let a = (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
      let b = (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
      #expect(abs(kernels.dot(count, a, b) - Self.specification.dot(count, a, b)) <= 1e-5, "\(set), \(count)")
    }
  }

  @Test(arguments: InstructionSet.available)
  func oneValueThatIsNotFiniteIsFoundAnywhere(set: InstructionSet) throws {
    let kernels = try #require(set.kernels)
    for count in Self.columnCounts {
      var values = [Float](repeating: .greatestFiniteMagnitude, count: count)
      #expect(kernels.all_finite(count, values) != 0)
      for (place, bad) in [(0, Float.infinity), (count / 2, -.infinity), (count - 1, .nan)] {
        values[place] = bad
        #expect(kernels.all_finite(count, values) == 0, "\(set), \(bad) at \(place) of \(count)")
        values[place] = 0
      }
    }
  }
}
