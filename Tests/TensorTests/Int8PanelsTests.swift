import CKernels
import TestSupport
import Testing

@testable import Tensor

/// Packed layers, read by code that does not use the kernels which packed them.
@Suite struct Int8PanelsTests {
  private static let shapes = [(1, 1), (3, 2), (8, 31), (33, 31), (48, 100), (20, 800)]

  private func layer(_ set: InstructionSet, _ outputs: Int, _ inputs: Int) throws -> Int8Layer {
    var generator = SeededGenerator(seed: UInt64(46 + inputs))
    // Few of many are large, so that sets that add in 16 bits store some groups alone and some twice.
    let weight = generator.floats(outputs * inputs).enumerated().map { $1 * ($0 % 7 == 0 ? 3 : 1) }
    return Int8Layer(
      try #require(set.int8Kernels), outputs: outputs, inputs: inputs, weight: weight, bias: generator.floats(outputs))
  }

  private func bytes(_ buffer: AlignedBuffer) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: buffer.start, count: buffer.byteCount))
  }

  private func panels(_ bytes: [UInt8], of layer: Int8Layer, _ set: InstructionSet) -> Int8Panels? {
    let buffer = AlignedBuffer(byteCount: bytes.count)
    bytes.withUnsafeBytes { buffer.start.copyMemory(from: $0.baseAddress!, byteCount: bytes.count) }
    return Int8Panels(ConstantBytes(buffer), outputs: layer.outputs, inputs: layer.inputs, of: set)
  }

  private func values(_ table: WeightTable) -> [Float] {
    Array(UnsafeBufferPointer(start: table.baseAddress, count: table.rows * table.columns))
  }

  @Test(arguments: InstructionSet.available)
  func theLayerIsReadAsItWasPacked(set: InstructionSet) throws {
    for (outputs, inputs) in Self.shapes {
      let layer = try layer(set, outputs, inputs)
      #expect(layer.packed.byteCount == Int8Panels.size(outputs: outputs, inputs: inputs, of: set))
      let read = try #require(self.panels(bytes(layer.packed), of: layer, set))
      #expect(values(read.scales) == layer.scales, "\(set), \(outputs) × \(inputs)")
      #expect(values(read.bias) == layer.bias, "\(set), \(outputs) × \(inputs)")
      let expected = layer.integers.enumerated().map { Float($1) * layer.scales[$0 / inputs] }
      #expect(values(read.weight) == expected, "\(set), \(outputs) × \(inputs)")
    }
  }

  /// Kernels read rows at places that panels name.
  @Test(arguments: InstructionSet.available.filter(\.addsIn16Bits))
  func placesOutsideTheRowsAreRefused(set: InstructionSet) throws {
    let (outputs, inputs) = (33, 100)
    let layer = try layer(set, outputs, inputs)
    let sound = bytes(layer.packed)
    let panelSize = Int8Panels.size(inputs: inputs, of: set)
    // 25 groups, and 8 that are stored twice at most.
    let order = 3 * 8 * 4 + (25 + 8) * 8 * 4
    let changes: [(String, Int, UInt8, UInt8)] = [
      ("pairs", 0, 17, 0), ("many pairs", 0, 0, 0xff), ("singles", 2, 34, 0), ("first place", 4, 25, 0),
      ("last place", 4 + 2 * 24, 0, 1),
    ]
    for panel in 0..<5 {
      for (name, offset, low, high) in changes {
        var damaged = sound
        damaged[panel * panelSize + order + offset] = low
        damaged[panel * panelSize + order + offset + 1] = high
        #expect(panels(damaged, of: layer, set) == nil, "\(name) of panel \(panel)")
      }
    }
  }
}
