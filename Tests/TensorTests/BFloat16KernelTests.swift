import CKernels
import TestSupport
import Testing

@testable import Tensor

/// The operations in bf16 of every set for this CPU that has them, compared with double precision.
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

  /// With one input and a weight of 1, the result shows how a number is rounded.
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

  private func float(_ bits: UInt16) -> Double { Double(Float(bitPattern: UInt32(bits) << 16)) }

  /// GELU, the residual and rounding are applied to the products of a plain layer.
  @Test(arguments: sets)
  func operationsAfterTheProductsEqualTheirDefinitions(set: InstructionSet) throws {
    let kernels = try #require(scimult_bf16_kernels_for(set.code)).pointee
    var generator = SeededGenerator(seed: 73)
    for (rows, outputs, inputs) in [(1, 1, 1), (5, 33, 31), (29, 48, 100), (97, 70, 384)] {
      let (weight, bias) = (generator.floats(outputs * inputs), generator.floats(outputs))
      let packed = AlignedBuffer(byteCount: kernels.packed_size(outputs, inputs))
      kernels.pack(outputs, inputs, weight, bias, packed.start)
      let (x, before) = (generator.floats(rows * inputs), generator.floats(rows * outputs))
      let (width, stride) = ((inputs + 1) / 2 * 2, (outputs + 1) / 2 * 2)
      var input = [UInt16](repeating: 0, count: rows * width)
      kernels.round(rows, inputs, x, inputs, &input, width)
      var (plain, sum) = (before, before)
      kernels.linear(rows, outputs, inputs, input, width, packed.start, &plain, outputs)
      kernels.linear_add(rows, outputs, inputs, input, width, packed.start, &sum, outputs)
      var roundedProducts = [UInt16](repeating: 0, count: rows * stride)
      var activated = roundedProducts
      kernels.linear_rounded(rows, outputs, inputs, input, width, packed.start, &roundedProducts, stride)
      kernels.linear_gelu(rows, outputs, inputs, input, width, packed.start, &activated, stride)
      for index in plain.indices {
        let place = index / outputs * stride + index % outputs
        #expect(sum[index] == plain[index] + before[index], "\(set), \(index)")
        #expect(Float(float(roundedProducts[place])) == rounded(plain[index]), "\(set), \(index)")
        let gelu = Reference.gelu(Double(plain[index]))
        let tolerance = 2e-4 * max(1, abs(Double(plain[index]))) + abs(gelu) / 256
        #expect(abs(float(activated[place]) - gelu) <= tolerance, "\(set), \(index)")
      }
    }
  }

  @Test(arguments: sets)
  func normalizedRowsEqualTheDefinition(set: InstructionSet) throws {
    let kernels = try #require(scimult_bf16_kernels_for(set.code)).pointee
    var generator = SeededGenerator(seed: 74)
    for columns in [1, 7, 16, 63, 65, 384] {
      let (gamma, beta) = (generator.floats(columns), generator.floats(columns))
      let row = generator.floats(columns)
      var normal = row
      var q = [UInt16](repeating: 0, count: columns + 1)
      kernels.normalize(1, columns, &normal, columns, gamma, beta, 1e-5, &q, columns + 1)
      let expected = Reference.layerNorm(row.map(Double.init), gamma: gamma, beta: beta, epsilon: 1e-5)
      #expect(largestError([normal], [expected]) <= 1e-4, "\(set), \(columns)")
      #expect(normal.indices.allSatisfy { Float(float(q[$0])) == rounded(normal[$0]) }, "\(set), \(columns)")
    }
  }

  @Test(arguments: sets)
  func attentionEqualsTheDefinitionToRounding(set: InstructionSet) throws {
    let kernels = try #require(scimult_bf16_kernels_for(set.code)).pointee
    var generator = SeededGenerator(seed: 75)
    for (length, size) in [(1, 4), (13, 32), (16, 25), (70, 32), (130, 64)] {
      let (shape, width) = (scimult_heads(length: length, heads: 3, head_size: size), 3 * size)
      let stride = (3 * width + 1) / 2 * 2
      var qkv = [UInt16](repeating: 0, count: length * stride)
      kernels.round(length, 3 * width, generator.floats(length * 3 * width), 3 * width, &qkv, stride)
      let queries = AlignedBuffer(byteCount: length * kernels.query_size(shape))
      let blocks = AlignedBuffer(byteCount: kernels.heads_size(shape))
      let workspace = AlignedBuffer(byteCount: kernels.workspace_size(shape))
      let (q, block) = (
        queries.start.assumingMemoryBound(to: UInt16.self), blocks.start.assumingMemoryBound(to: UInt8.self)
      )
      kernels.split_heads(shape, 0, length, qkv, stride, q, block)
      var context = [UInt16](repeating: 0, count: length * (width + 1))
      kernels.attend(shape, length, q, block, &context, width + 1, workspace.start)
      func value(_ row: Int, _ part: Int, _ column: Int) -> Double { float(qkv[row * stride + part * width + column]) }
      for head in 0..<3 {
        let columns = head * size..<(head + 1) * size
        for row in 0..<length {
          let p = Reference.softmax(
            (0..<length).map { key in
              columns.reduce(0) { $0 + value(row, 0, $1) * value(key, 1, $1) } / Double(size).squareRoot()
            })
          for column in columns {
            let right = (0..<length).reduce(0) { $0 + p[$1] * value($1, 2, column) }
            let error = abs(float(context[row * (width + 1) + column]) - right)
            #expect(error <= 2.5e-3 + abs(right) / 256, "\(set), \(length) × \(size), \(row), \(column)")
          }
        }
      }
    }
  }
}
