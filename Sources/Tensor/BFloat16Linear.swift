import CKernels

/// A linear layer with bf16 weights on bf16 rows, with fp32 sums.
public struct BFloat16Linear: LinearLayer {
  public let outputs: Int
  public let inputs: Int
  public let packed: ConstantBytes

  /// Rows, about, that go through several layers together, as in `Int8Linear.stripRows`: tile registers wait for weights
  /// of two bytes sooner, and activations of two bytes leave room.
  public static let stripRows = InstructionSet.inUse == .amx ? 256 : 96

  /// Whether the kernels in use have it.
  public static var isAvailable: Bool { bfloat16Kernels != nil }

  static let kernels: scimult_bf16_kernels = {
    guard let kernels = bfloat16Kernels else { preconditionFailure("bf16 is refused where it is not available") }
    return kernels
  }()

  public init(weight: WeightTable, bias: WeightTable) {
    precondition(bias.rows == 1 && bias.columns == weight.rows)
    (outputs, inputs) = (weight.rows, weight.columns)
    let buffer = AlignedBuffer(byteCount: Self.kernels.packed_size(outputs, inputs))
    Self.kernels.pack(outputs, inputs, weight.baseAddress, bias.baseAddress, buffer.start)
    packed = ConstantBytes(buffer)
  }

  /// All sets that have bf16 lay a layer out alike.
  public init(packed: ConstantBytes, outputs: Int, inputs: Int, for set: InstructionSet) {
    precondition(packed.count == Self.packedSize(outputs: outputs, inputs: inputs, for: set))
    self.packed = packed
    self.outputs = outputs
    self.inputs = inputs
  }

  public static func packedSize(outputs: Int, inputs: Int, for set: InstructionSet) -> Int {
    kernels.packed_size(outputs, inputs)
  }

  /// Runs the layer. A row's result does not depend on the rows around it.
  /// - Parameters:
  ///   - input: rows × inputs
  ///   - output: rows × outputs
  ///   - adding: whether the result is added to what the output holds, a residual.
  public func apply(to input: BFloat16Window, into output: MatrixWindow, adding: Bool = false) {
    precondition(input.columns == inputs && output.columns == outputs && input.rows == output.rows)
    let kernel = adding ? Self.kernels.linear_add : Self.kernels.linear
    kernel!(input.rows, outputs, inputs, input.pointer, input.stride, packed.start, output.pointer, output.stride)
  }

  /// Runs the layer and rounds the result, or GELU of it.
  /// - Parameters:
  ///   - input: rows × inputs
  ///   - output: rows × outputs; does not overlap the input.
  public func apply(to input: BFloat16Window, into output: BFloat16Window, gelu: Bool = false) {
    precondition(input.columns == inputs && output.columns == outputs && input.rows == output.rows)
    let kernel = gelu ? Self.kernels.linear_gelu : Self.kernels.linear_rounded
    kernel!(input.rows, outputs, inputs, input.pointer, input.stride, packed.start, output.pointer, output.stride)
  }
}
