/// Packed s8 weights in the layout of any set, including sets that this CPU does not support. The layout is defined in
/// `CKernels/bodies/int8/linear.h`.
struct Int8Panels {
  private let packed: ConstantBytes
  private let outputs: Int
  private let inputs: Int
  private let set: InstructionSet

  /// - Parameter packed: `panelSize` bytes for each panel of outputs.
  init(_ packed: ConstantBytes, outputs: Int, inputs: Int, of set: InstructionSet) {
    (self.packed, self.outputs, self.inputs, self.set) = (packed, outputs, inputs, set)
  }

  /// 1 × outputs.
  var scales: WeightTable { head(row: 0) }

  /// 1 × outputs.
  var bias: WeightTable { head(row: 2) }

  /// outputs × inputs.
  var weight: WeightTable {
    let scales = scales
    return WeightTable(rows: outputs, columns: inputs) { values in
      for index in values.indices {
        let (output, input) = index.quotientAndRemainder(dividingBy: inputs)
        let offset = Self.headSize(of: set) + (input / 4 * columns + output % columns) * 4 + input % 4
        values[index] = Float(panel(of: output).load(fromByteOffset: offset, as: Int8.self))
      }
      addExcess(to: values)
      for index in values.indices { values[index] *= scales.baseAddress[index / inputs] }
    }
  }

  /// Scales, offsets or biases.
  private func head(row: Int) -> WeightTable {
    WeightTable(rows: 1, columns: outputs) { values in
      for output in values.indices {
        let offset = (row * columns + output % columns) * MemoryLayout<Float>.stride
        values[output] = panel(of: output).load(fromByteOffset: offset, as: Float.self)
      }
    }
  }

  private func addExcess(to values: UnsafeMutableBufferPointer<Float>) {
    let list = Self.headSize(of: set) + Self.weightsSize(inputs: inputs, of: set)
    for first in stride(from: 0, to: outputs, by: columns) {
      for entry in 0..<Self.excessCapacity(inputs: inputs, of: set) {
        let start = panel(of: first) + list + entry * Self.excessEntrySize
        let input = Int(start.load(as: UInt16.self))
        let output = first + Int(start.load(fromByteOffset: 2, as: UInt8.self))
        let part = start.load(fromByteOffset: 3, as: Int8.self)
        guard part != 0, input < inputs, output < outputs else { break }
        values[output * inputs + input] += Float(part)
      }
    }
  }

  private var columns: Int { self.set.panelColumns }

  private func panel(of output: Int) -> UnsafeRawPointer {
    packed.start + output / columns * Self.panelSize(inputs: inputs, of: set)
  }
}

extension Int8Panels {
  /// Bytes of a panel.
  static func panelSize(inputs: Int, of set: InstructionSet) -> Int {
    headSize(of: set) + weightsSize(inputs: inputs, of: set) + excessCapacity(inputs: inputs, of: set) * excessEntrySize
  }

  /// Scales, offsets and biases.
  private static func headSize(of set: InstructionSet) -> Int {
    3 * set.panelColumns * MemoryLayout<Float>.stride
  }

  private static func weightsSize(inputs: Int, of set: InstructionSet) -> Int {
    (inputs + 3) / 4 * set.panelColumns * 4
  }

  /// The number of excess entries, for sets that add the products of two neighbours in 16 bits.
  private static func excessCapacity(inputs: Int, of set: InstructionSet) -> Int {
    set.addsPairsIn16Bits ? set.panelColumns * min(max(inputs / 384, 1), 16) : 0
  }

  /// The bytes of an entry: input (u16), column (u8), weight (s8).
  private static let excessEntrySize = 4
}
