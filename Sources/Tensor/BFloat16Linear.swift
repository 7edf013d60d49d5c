import CKernels

/// A linear layer with bf16 weights, on fp32 rows that are rounded to bf16, with fp32 sums.
public struct BFloat16Linear: FloatRowsLayer {
  public let outputs: Int
  public let inputs: Int
  public let packed: ConstantBytes
  private let kernels: scimult_bf16_kernels

  /// Whether the kernels in use have it.
  public static var isAvailable: Bool { bfloat16Kernels != nil }

  private static var available: scimult_bf16_kernels {
    guard let kernels = bfloat16Kernels else { preconditionFailure("bf16 is refused where it is not available") }
    return kernels
  }

  public init(weight: WeightTable, bias: WeightTable) {
    precondition(bias.rows == 1 && bias.columns == weight.rows)
    kernels = Self.available
    (outputs, inputs) = (weight.rows, weight.columns)
    let buffer = AlignedBuffer(byteCount: kernels.packed_size(outputs, inputs))
    kernels.pack(outputs, inputs, weight.baseAddress, bias.baseAddress, buffer.start)
    packed = ConstantBytes(buffer)
  }

  /// Of all sets only one has bf16, so a packed layer is always laid out for it.
  public init(packed: ConstantBytes, outputs: Int, inputs: Int, for set: InstructionSet) {
    precondition(packed.count == Self.packedSize(outputs: outputs, inputs: inputs, for: set))
    kernels = Self.available
    self.packed = packed
    self.outputs = outputs
    self.inputs = inputs
  }

  public static func packedSize(outputs: Int, inputs: Int, for set: InstructionSet) -> Int {
    available.packed_size(outputs, inputs)
  }

  public func apply(to input: MatrixWindow, into output: MatrixWindow) {
    precondition(input.columns == inputs && output.columns == outputs && input.rows == output.rows)
    kernels.linear(
      input.rows, outputs, inputs, input.pointer, input.stride, packed.start, output.pointer, output.stride)
  }
}
