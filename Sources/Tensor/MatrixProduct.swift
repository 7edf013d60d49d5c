/// Products of activations with activations in fp32. The second factor is packed like a linear layer's weights, in
/// memory that is reused.
public final class MatrixProduct {
  private var packed = AlignedBuffer(count: 0)

  public init() {}

  /// Bytes of memory.
  public var byteCount: Int { packed.byteCount }

  /// Makes room for second factors with this number of outputs and inputs.
  public func reserve(outputs: Int, inputs: Int) {
    let count = kernels.packed_count(outputs, inputs)
    if packed.byteCount < count * MemoryLayout<Float>.stride { packed = AlignedBuffer(count: count) }
  }

  /// output = a · bᵀ, for a: m × k, b: n × k.
  public func multiply(_ a: MatrixWindow, transposed b: MatrixWindow, into output: MatrixWindow) {
    precondition(a.columns == b.columns && output.rows == a.rows && output.columns == b.rows)
    multiply(a, b.pointer, outputStride: b.stride, inputStride: 1, into: output)
  }

  /// output = a · b, for a: m × k, b: k × n.
  public func multiply(_ a: MatrixWindow, _ b: MatrixWindow, into output: MatrixWindow) {
    precondition(a.columns == b.rows && output.rows == a.rows && output.columns == b.columns)
    multiply(a, b.pointer, outputStride: 1, inputStride: b.stride, into: output)
  }

  private func multiply(
    _ a: MatrixWindow, _ weight: UnsafePointer<Float>, outputStride: Int, inputStride: Int, into output: MatrixWindow
  ) {
    let (outputs, inputs) = (output.columns, a.columns)
    reserve(outputs: outputs, inputs: inputs)
    kernels.pack(outputs, inputs, weight, outputStride, inputStride, nil, packed.baseAddress)
    kernels.linear(
      a.rows, outputs, inputs, a.pointer, a.stride, packed.baseAddress, output.pointer, output.stride)
  }
}
