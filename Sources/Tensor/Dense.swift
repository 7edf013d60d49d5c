/// A linear layer, y = x · weightᵀ + bias, packed for the kernels that run it.
public struct DenseWeights: @unchecked Sendable {
  public let inputs: Int
  public let outputs: Int
  /// Never changes once it is packed, so that threads may share it.
  private let packed: AlignedBuffer

  /// - Parameters:
  ///   - weight: outputs × inputs, as PyTorch keeps it.
  ///   - bias: 1 × outputs.
  public init(weight: WeightTable, bias: WeightTable) {
    precondition(bias.rows == 1 && bias.columns == weight.rows)
    inputs = weight.columns
    outputs = weight.rows
    packed = AlignedBuffer(count: kernels.packed_count(outputs, inputs))
    kernels.pack(outputs, inputs, weight.storage.baseAddress, bias.storage.baseAddress, packed.baseAddress)
  }

  /// Weights and biases.
  public var parameterCount: Int { (inputs + 1) * outputs }

  /// Runs the layer. A row's result does not depend on the rows around it.
  /// - Parameters:
  ///   - input: rows × inputs
  ///   - output: rows × outputs; does not overlap the input.
  public func apply(to input: MatrixWindow, into output: MatrixWindow) {
    precondition(input.columns == inputs && output.columns == outputs && input.rows == output.rows)
    kernels.linear(
      input.rows, outputs, inputs, input.pointer, input.stride, packed.baseAddress, output.pointer, output.stride)
  }
}
