/// Packed s8 weights in the layout of any set, including sets that this CPU does not support. The layout is defined in
/// `CKernels/bodies/int8/linear.h`.
struct Int8Panels {
  private let packed: ConstantBytes
  private let outputs: Int
  private let inputs: Int
  private let set: InstructionSet

  /// - Parameter packed: `size(outputs:inputs:of:)` bytes.
  /// - Returns: nil if the panels contain groups that are not there.
  init?(_ packed: ConstantBytes, outputs: Int, inputs: Int, of set: InstructionSet) {
    precondition(packed.count == Self.size(outputs: outputs, inputs: inputs, of: set))
    (self.packed, self.outputs, self.inputs, self.set) = (packed, outputs, inputs, set)
    guard hasSoundOrders else { return nil }
  }

  /// 1 × outputs.
  var scales: WeightTable { head(row: 0) }

  /// 1 × outputs.
  var bias: WeightTable { head(row: 2) }

  /// outputs × inputs.
  var weight: WeightTable {
    let scales = scales
    return WeightTable(rows: outputs, columns: inputs) { values in
      values.update(repeating: 0)
      for panel in 0..<count {
        for (place, group) in groups(of: panel).enumerated() {
          let start = weights(of: panel) + place * groupSize
          for byte in 0..<groupSize {
            let (column, offset) = byte.quotientAndRemainder(dividingBy: 4)
            let (output, input) = (panel * columns + column, group * 4 + offset)
            guard output < outputs, input < inputs else { continue }
            values[output * inputs + input] += Float(start.load(fromByteOffset: byte, as: Int8.self))
          }
        }
      }
      for index in values.indices { values[index] *= scales.baseAddress[index / inputs] }
    }
  }

  /// Scales, offsets or biases.
  private func head(row: Int) -> WeightTable {
    WeightTable(rows: 1, columns: outputs) { values in
      for output in values.indices {
        let offset = (row * columns + output % columns) * MemoryLayout<Float>.stride
        values[output] = start(of: output / columns).load(fromByteOffset: offset, as: Float.self)
      }
    }
  }

  private var columns: Int { Self.columns(of: set) }
  private var count: Int { Self.count(outputs: outputs, of: set) }
  /// Bytes of the weights of four inputs.
  private var groupSize: Int { 4 * columns }

  private func start(of panel: Int) -> UnsafeRawPointer {
    packed.start + panel * Self.size(inputs: inputs, of: set)
  }

  private func weights(of panel: Int) -> UnsafeRawPointer { start(of: panel) + Self.headSize(of: set) }
}

/// The order of groups in panels of a set that adds products in 16 bits (`CKernels/bodies/int8/paired_groups.h`).
extension Int8Panels {
  /// The groups of inputs that a panel stores, in the order of their weights. A group may occur twice.
  private func groups(of panel: Int) -> [Int] {
    guard set.addsIn16Bits else { return Array(0..<Self.groups(inputs)) }
    return (0..<storedGroups(of: panel)).map { Int(order(of: panel).load(fromByteOffset: 4 + 2 * $0, as: UInt16.self)) }
  }

  /// The groups in pairs, and those without a partner.
  private func storedGroups(of panel: Int) -> Int {
    let order = order(of: panel)
    return 2 * Int(order.load(as: UInt16.self)) + Int(order.load(fromByteOffset: 2, as: UInt16.self))
  }

  private func order(of panel: Int) -> UnsafeRawPointer {
    weights(of: panel) + Self.groupsMax(inputs: inputs, of: set) * groupSize
  }

  /// Whether kernels stay within the weights and the inputs.
  private var hasSoundOrders: Bool {
    guard set.addsIn16Bits else { return true }
    return (0..<count).allSatisfy { panel in
      storedGroups(of: panel) <= Self.groupsMax(inputs: inputs, of: set)
        && groups(of: panel).allSatisfy { $0 < Self.groups(inputs) }
    }
  }

  /// The number of groups that a panel has room for.
  private static func groupsMax(inputs: Int, of set: InstructionSet) -> Int {
    groups(inputs) + (set.addsIn16Bits ? columns(of: set) * min(max(inputs / 384, 1), 16) : 0)
  }

  private static func groups(_ inputs: Int) -> Int { (inputs + 3) / 4 }
}

extension Int8Panels {
  /// The number of outputs in a panel.
  static func columns(of set: InstructionSet) -> Int { set.addsIn16Bits ? set.lanes : 2 * set.lanes }

  /// Bytes of a layer.
  static func size(outputs: Int, inputs: Int, of set: InstructionSet) -> Int {
    count(outputs: outputs, of: set) * size(inputs: inputs, of: set)
  }

  /// Bytes of a panel.
  static func size(inputs: Int, of set: InstructionSet) -> Int {
    let groupsMax = groupsMax(inputs: inputs, of: set)
    let orderSize = set.addsIn16Bits ? (4 + 2 * groupsMax + 63) / 64 * 64 : 0
    return headSize(of: set) + groupsMax * 4 * columns(of: set) + orderSize
  }

  private static func count(outputs: Int, of set: InstructionSet) -> Int {
    (outputs + columns(of: set) - 1) / columns(of: set)
  }

  /// Scales, offsets and biases.
  private static func headSize(of set: InstructionSet) -> Int {
    3 * columns(of: set) * MemoryLayout<Float>.stride
  }
}
