/// A linear layer, y = x · weightᵀ + bias, packed for the kernels that run it.
///
/// Packed layers are divided into panels. A panel is the outputs that a kernel computes together: one or two vectors.
public protocol LinearLayer: Sendable {
  /// Quantises the layer, if the precision requires it, and packs it.
  /// - Parameters:
  ///   - weight: outputs × inputs, as in PyTorch.
  ///   - bias: 1 × outputs.
  init(weight: WeightTable, bias: WeightTable)

  /// Creates a layer from one that was packed for a set of kernels. If the kernels in use read the same layout, it is
  /// used as it is; otherwise it is packed again.
  /// - Returns: nil if the bytes are damaged, so that a kernel would read beyond its operands.
  init?(packed: ConstantBytes, outputs: Int, inputs: Int, for set: InstructionSet)

  /// The number of bytes of a layer that is packed for a set of kernels.
  static func packedSize(outputs: Int, inputs: Int, for set: InstructionSet) -> Int

  var outputs: Int { get }
  var inputs: Int { get }
  var packed: ConstantBytes { get }
}

extension LinearLayer {
  /// The number of weights and biases.
  public var parameterCount: Int { (inputs + 1) * outputs }
}

extension InstructionSet {
  /// Whether both sets read the same layout of packed weights.
  public func hasLayout(of other: InstructionSet) -> Bool {
    lanes == other.lanes && addsIn16Bits == other.addsIn16Bits
  }
}
