import CKernels

/// A linear layer with s8 weights, symmetric by output channel, on u8 rows.
public struct Int8Linear: LinearLayer {
  public let outputs: Int
  public let inputs: Int
  public let packed: ConstantBytes

  /// What becomes of the products.
  public enum Result {
    case stored
    /// Without the bias.
    case unbiased
    /// Added to what the output holds: a residual.
    case added
    /// GELU of them.
    case gelu
  }

  /// Rows, about, that go through several layers together: with more, their activations leave the second-level cache;
  /// with fewer, products wait for weights, the sooner the faster a set multiplies.
  public static let stripRows = InstructionSet.inUse == .amx ? 192 : 96

  public init(weight: WeightTable, bias: WeightTable) {
    precondition(bias.rows == 1 && bias.columns == weight.rows)
    (outputs, inputs) = (weight.rows, weight.columns)
    let buffer = AlignedBuffer(byteCount: int8Kernels.packed_size(outputs, inputs))
    int8Kernels.pack(outputs, inputs, weight.baseAddress, bias.baseAddress, buffer.start)
    packed = ConstantBytes(buffer)
  }

  /// Packing again finds the same s8 weights: the largest of an output is ±127 times its scale.
  public init(packed: ConstantBytes, outputs: Int, inputs: Int, for set: InstructionSet) {
    precondition(packed.count == Self.packedSize(outputs: outputs, inputs: inputs, for: set))
    guard set.hasLayout(of: .inUse) else {
      let columns = set.panelColumns
      func panel(of output: Int) -> UnsafeRawPointer {
        packed.start + output / columns * Self.panelSize(inputs: inputs, for: set)
      }
      func head(_ row: Int, _ output: Int) -> Float {
        panel(of: output).load(fromByteOffset: (row * columns + output % columns) * 4, as: Float.self)
      }
      let weight = WeightTable(rows: outputs, columns: inputs) { values in
        for index in values.indices {
          let (output, input) = index.quotientAndRemainder(dividingBy: inputs)
          let offset = Self.headSize(for: set) + (input / 4 * columns + output % columns) * 4 + input % 4
          values[index] = Float(panel(of: output).load(fromByteOffset: offset, as: Int8.self)) * head(0, output)
        }
      }
      let bias = WeightTable(rows: 1, columns: outputs) { values in
        for output in values.indices { values[output] = head(2, output) }
      }
      self.init(weight: weight, bias: bias)
      return
    }
    self.init(outputs: outputs, inputs: inputs, packed: packed)
  }

  private init(outputs: Int, inputs: Int, packed: ConstantBytes) {
    self.outputs = outputs
    self.inputs = inputs
    self.packed = packed
  }

  public static func packedSize(outputs: Int, inputs: Int, for set: InstructionSet) -> Int {
    set.panels(outputs: outputs) * panelSize(inputs: inputs, for: set)
  }

  private static func panelSize(inputs: Int, for set: InstructionSet) -> Int {
    headSize(for: set) + (inputs + 3) / 4 * set.panelColumns * 4
  }

  /// Scales, offsets and biases of a panel.
  private static func headSize(for set: InstructionSet) -> Int {
    3 * set.panelColumns * MemoryLayout<Float>.stride
  }

  /// Runs the layer. A row's result does not depend on the rows around it.
  /// - Parameters:
  ///   - input: rows × inputs
  ///   - output: rows × outputs
  public func apply(to input: QuantizedWindow, into output: MatrixWindow, result: Result = .stored) {
    precondition(input.columns == inputs && output.columns == outputs && input.rows == output.rows)
    let kernel =
      switch result {
      case .stored: int8Kernels.linear
      case .unbiased: int8Kernels.linear_unbiased
      case .added: int8Kernels.linear_add
      case .gelu: int8Kernels.linear_gelu
      }
    kernel!(
      input.rows, outputs, inputs, input.bytes, input.stride, input.scales, packed.start, output.pointer, output.stride)
  }
}
