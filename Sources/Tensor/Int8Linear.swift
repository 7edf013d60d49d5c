import CKernels

/// A linear layer with s8 weights, symmetric by output channel, and u8 rows.
public struct Int8Linear: LinearLayer {
  public let outputs: Int
  public let inputs: Int
  public let packed: ConstantBytes

  /// The operation on the sums of products.
  public enum Result {
    case stored
    /// Stored without the bias.
    case unbiased
    /// Added to the contents of the output: a residual.
    case added
    /// GELU of the result.
    case gelu
  }

  /// The approximate number of rows that go through several layers together, in a strip. With more rows, their
  /// activations do not fit in the second-level cache. With fewer, products wait for weights; the faster a set
  /// multiplies, the more rows it needs.
  public static let stripRows = InstructionSet.inUse == .amx ? 192 : 96

  public init(weight: WeightTable, bias: WeightTable) {
    precondition(bias.rows == 1 && bias.columns == weight.rows)
    (outputs, inputs) = (weight.rows, weight.columns)
    let scales = Self.scales(weight)
    guard let packed = Self.pack(weight, scales: scales, bias: bias) else {
      preconditionFailure("a set packs weights that have the scales of their own")
    }
    self.packed = packed
  }

  /// Uses weights that were packed for the same layout as they are, and repacks others with the same scales.
  public init?(packed: ConstantBytes, outputs: Int, inputs: Int, for set: InstructionSet) {
    guard let panels = Int8Panels(packed, outputs: outputs, inputs: inputs, of: set) else { return nil }
    guard set.hasLayout(of: .inUse) else {
      let (weight, bias) = (panels.weight, panels.bias)
      guard let packed = Self.pack(weight, scales: panels.scales, bias: bias) else {
        // The scales do not keep these weights from saturating.
        self.init(weight: weight, bias: bias)
        return
      }
      self.init(outputs: outputs, inputs: inputs, packed: packed)
      return
    }
    self.init(outputs: outputs, inputs: inputs, packed: packed)
  }

  private init(outputs: Int, inputs: Int, packed: ConstantBytes) {
    self.outputs = outputs
    self.inputs = inputs
    self.packed = packed
  }

  private static func scales(_ weight: WeightTable) -> WeightTable {
    WeightTable(rows: 1, columns: weight.rows) { scales in
      int8Kernels.weight_scales(weight.rows, weight.columns, weight.baseAddress, scales.baseAddress)
    }
  }

  /// - Returns: nil if the set in use cannot multiply weights with these scales exactly.
  private static func pack(_ weight: WeightTable, scales: WeightTable, bias: WeightTable) -> ConstantBytes? {
    let buffer = AlignedBuffer(byteCount: int8Kernels.packed_size(weight.rows, weight.columns))
    let isPacked = int8Kernels.pack(
      weight.rows, weight.columns, weight.baseAddress, scales.baseAddress, bias.baseAddress, buffer.start)
    return isPacked != 0 ? ConstantBytes(buffer) : nil
  }

  public static func packedSize(outputs: Int, inputs: Int, for set: InstructionSet) -> Int {
    Int8Panels.size(outputs: outputs, inputs: inputs, of: set)
  }

  /// Divides the outputs into parts that different threads may compute.
  public func cuts(into parts: Int) -> Cuts { Cuts(of: outputs, into: parts, step: Int8Panels.columns(of: .inUse)) }

  /// Runs the layer. A row's result does not depend on the rows around it.
  /// - Parameters:
  ///   - input: rows × inputs
  ///   - output: rows × outputs
  ///   - columns: one of the ranges of ``cuts(into:)``, or nil for all outputs; other columns do not change.
  public func apply(
    to input: QuantizedWindow, into output: MatrixWindow, result: Result = .stored, columns: Range<Int>? = nil
  ) {
    precondition(input.columns == inputs && output.columns == outputs && input.rows == output.rows)
    let columns = columns ?? 0..<outputs
    let (panel, rest) = columns.lowerBound.quotientAndRemainder(dividingBy: Int8Panels.columns(of: .inUse))
    precondition(rest == 0 && columns.upperBound <= outputs, "outputs are cut within a panel")
    let panels = packed.start + panel * Int8Panels.size(inputs: inputs, of: .inUse)
    let kernel =
      switch result {
      case .stored: int8Kernels.linear
      case .unbiased: int8Kernels.linear_unbiased
      case .added: int8Kernels.linear_add
      case .gelu: int8Kernels.linear_gelu
      }
    kernel!(
      input.rows, columns.count, inputs, input.bytes, input.stride, input.scales, panels,
      output.pointer + columns.lowerBound, output.stride)
  }
}
