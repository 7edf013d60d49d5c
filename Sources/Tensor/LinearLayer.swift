/// A linear layer, y = x · weightᵀ + bias, packed for the kernels that run it.
///
/// Packed layers are cut into panels: the outputs that a kernel computes at a time, two vectors of them.
public protocol LinearLayer: Sendable {
  /// Quantises, if the arithmetic asks for it, and packs.
  /// - Parameters:
  ///   - weight: outputs × inputs, as PyTorch keeps it.
  ///   - bias: 1 × outputs.
  init(weight: WeightTable, bias: WeightTable)

  /// A layer that was packed for a set of kernels: taken as it is if the kernels in use read the same layout, else
  /// packed again.
  init(packed: ConstantBytes, outputs: Int, inputs: Int, for set: InstructionSet)

  /// Bytes of a layer that is packed for a set of kernels.
  static func packedSize(outputs: Int, inputs: Int, for set: InstructionSet) -> Int

  var outputs: Int { get }
  var inputs: Int { get }
  var packed: ConstantBytes { get }
}

extension LinearLayer {
  /// Weights and biases.
  public var parameterCount: Int { (inputs + 1) * outputs }
}

extension InstructionSet {
  /// Outputs of a panel.
  var panelColumns: Int { 2 * lanes }

  /// Whether weights that are packed for one set are as the other reads them.
  public func hasLayout(of other: InstructionSet) -> Bool {
    lanes == other.lanes && addsPairsIn16Bits == other.addsPairsIn16Bits
  }

  /// Panels of a layer.
  func panels(outputs: Int) -> Int { (outputs + panelColumns - 1) / panelColumns }
}
