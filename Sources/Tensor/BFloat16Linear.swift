import CKernels

/// A linear layer with bf16 weights, bf16 rows and fp32 sums.
public struct BFloat16Linear: LinearLayer {
  public let outputs: Int
  public let inputs: Int
  public let packed: ConstantBytes

  /// The approximate number of rows in a strip, as in `Int8Linear.stripRows`. With tile registers, it is larger than in
  /// int8, because loading two-byte weights limits the speed sooner, and two-byte activations leave room in the cache.
  public static let stripRows = InstructionSet.inUse == .amx ? 256 : 96

  /// Whether the kernels in use support bf16.
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

  /// All sets with bf16 use the same layout.
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
  ///   - adding: whether the result is added to the contents of the output, a residual.
  public func apply(to input: BFloat16Window, into output: MatrixWindow, adding: Bool = false) {
    precondition(input.columns == inputs && output.columns == outputs && input.rows == output.rows)
    let kernel = adding ? Self.kernels.linear_add : Self.kernels.linear
    kernel!(input.rows, outputs, inputs, input.pointer, input.stride, packed.start, output.pointer, output.stride)
  }

  /// Runs the layer and rounds the result, or the GELU of the result.
  /// - Parameters:
  ///   - input: rows × inputs
  ///   - output: rows × outputs; does not overlap the input.
  public func apply(to input: BFloat16Window, into output: BFloat16Window, gelu: Bool = false) {
    precondition(input.columns == inputs && output.columns == outputs && input.rows == output.rows)
    let kernel = gelu ? Self.kernels.linear_gelu : Self.kernels.linear_rounded
    kernel!(input.rows, outputs, inputs, input.pointer, input.stride, packed.start, output.pointer, output.stride)
  }
}
