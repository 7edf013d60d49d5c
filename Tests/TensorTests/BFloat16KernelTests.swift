import CKernels
import TestSupport
import Testing

@testable import Tensor

/// Linear layers in bf16, of every set that has them and that this CPU has, against double arithmetic.
@Suite struct BFloat16KernelTests {
  private static let sets = InstructionSet.available.filter { scimult_bf16_kernels_for($0.code) != nil }

  /// The nearest bf16, ties to even.
  private func rounded(_ value: Float) -> Float {
    Float(bitPattern: (value.bitPattern + 0x7fff + (value.bitPattern >> 16) & 1) & 0xffff_0000)
  }

  private func product(_ kernels: scimult_bf16_kernels, _ x: [Float], _ weight: [Float], _ bias: [Float], inputs: Int)
    -> [Float]
  {
    let (rows, outputs) = (x.count / inputs, bias.count)
    let packed = AlignedBuffer(byteCount: kernels.packed_size(outputs, inputs))
    kernels.pack(outputs, inputs, weight, bias, packed.start)
    let (stride, roundedStride) = (outputs + 3, inputs + 1)
    var y = [Float](repeating: 7, count: rows * stride)
    var rounded = [UInt16](repeating: 0x7fff, count: rows * roundedStride)
    kernels.round(rows, inputs, x, inputs, &rounded, roundedStride)
    kernels.linear(rows, outputs, inputs, rounded, roundedStride, packed.start, &y, stride)
    return y
  }

  /// With the same gaps between rows.
  private func expected(_ x: [Float], _ weight: [Float], _ bias: [Float], inputs: Int) -> [Double] {
    let (x, weight) = (x.map { Double(rounded($0)) }, weight.map { Double(rounded($0)) })
    return (0..<x.count / inputs).flatMap { row in
      bias.indices.map { output in
        var sum = Double(bias[output])
        for input in 0..<inputs { sum += x[row * inputs + input] * weight[output * inputs + input] }
        return sum
      } + [7, 7, 7]
    }
  }

  @Test(arguments: sets)
  func layersEqualTheDefinitionOnRoundedNumbers(set: InstructionSet) throws {
    let kernels = try #require(scimult_bf16_kernels_for(set.code)).pointee
    var generator = SeededGenerator(seed: 71)
    let shapes = [(1, 1), (1, 3), (3, 2), (31, 33), (48, 100), (64, 48), (100, 31), (33, 511), (33, 512), (5, 1537)]
    for (outputs, inputs) in shapes {
      for rows in outputs == 31 ? Array(1...70) + [97, 200] : [1, 13, 97] {
        let x = generator.floats(rows * inputs)
        let (weight, bias) = (generator.floats(outputs * inputs), generator.floats(outputs))
        let y = product(kernels, x, weight, bias, inputs: inputs)
        let error = largestError([y], [expected(x, weight, bias, inputs: inputs)])
        #expect(error <= 2e-6 * Double(inputs).squareRoot() + 1e-6, "\(set), \(rows) × \(outputs) × \(inputs)")
      }
    }
  }

  /// One input and a weight of 1 show what a number is rounded to.
  @Test(arguments: sets)
  func numbersAreRoundedToTheNearestAndTiesToEven(set: InstructionSet) throws {
    let kernels = try #require(scimult_bf16_kernels_for(set.code)).pointee
    let values: [Float] = [
      0, 1, -1, 1.00390625, 1.01171875, 1.0039063, 1.0039062, 3.3e38, -3.3e38, 1e-37, 65535, 0.1, -0.3,
    ]
    let y = product(kernels, values, [1], [0], inputs: 1)
    #expect(stride(from: 0, to: y.count, by: 4).map { y[$0] } == values.map(rounded), "\(set), inputs")
    let weights = product(kernels, [1], values, values.map { _ in 0 }, inputs: 1)
    #expect(Array(weights.dropLast(3)) == values.map(rounded), "\(set), weights")
  }

  @Test(arguments: sets)
  func aRowIsTheSameInAnyCompany(set: InstructionSet) throws {
    let kernels = try #require(scimult_bf16_kernels_for(set.code)).pointee
    var generator = SeededGenerator(seed: 72)
    for inputs in [57, 1025] {
      let x = generator.floats(110 * inputs)
      let (weight, bias) = (generator.floats(41 * inputs), generator.floats(41))
      let together = product(kernels, x, weight, bias, inputs: inputs)
      for row in [0, 1, 11, 12, 95, 96, 97, 109] {
        let alone = product(kernels, Array(x[row * inputs..<(row + 1) * inputs]), weight, bias, inputs: inputs)
        #expect(alone == Array(together[row * 44..<(row + 1) * 44]), "\(set), \(inputs) inputs, row \(row)")
      }
    }
  }
}
