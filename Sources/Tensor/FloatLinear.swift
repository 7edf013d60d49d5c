/// A linear layer in fp32.
public struct FloatLinear: LinearLayer {
  public let outputs: Int
  public let inputs: Int
  public let packed: ConstantBytes

  public init(weight: WeightTable, bias: WeightTable) {
    precondition(bias.rows == 1 && bias.columns == weight.rows)
    (outputs, inputs) = (weight.rows, weight.columns)
    let buffer = AlignedBuffer(count: kernels.packed_count(outputs, inputs))
    kernels.pack(outputs, inputs, weight.baseAddress, inputs, 1, bias.baseAddress, buffer.baseAddress)
    packed = ConstantBytes(buffer)
  }

  public init(packed: ConstantBytes, outputs: Int, inputs: Int, for set: InstructionSet) {
    precondition(packed.count == Self.packedSize(outputs: outputs, inputs: inputs, for: set))
    guard set.hasLayout(of: .inUse) else {
      let panels = packed.start.assumingMemoryBound(to: Float.self)
      let columns = Self.panelColumns(of: set)
      /// Row 0 of a panel is the bias.
      func value(row: Int, output: Int) -> Float {
        panels[(output / columns * (inputs + 1) + row) * columns + output % columns]
      }
      let weight = WeightTable(rows: outputs, columns: inputs) { values in
        for index in values.indices { values[index] = value(row: index % inputs + 1, output: index / inputs) }
      }
      let bias = WeightTable(rows: 1, columns: outputs) { values in
        for output in values.indices { values[output] = value(row: 0, output: output) }
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
    let columns = panelColumns(of: set)
    let panels = (outputs + columns - 1) / columns
    return panels * columns * (inputs + 1) * MemoryLayout<Float>.stride
  }

  /// The number of outputs in a panel.
  private static func panelColumns(of set: InstructionSet) -> Int { 2 * set.lanes }

  /// Runs the layer. A row's result does not depend on the rows around it.
  /// - Parameters:
  ///   - input: rows × inputs
  ///   - output: rows × outputs; does not overlap the input.
  public func apply(to input: MatrixWindow, into output: MatrixWindow) {
    precondition(input.columns == inputs && output.columns == outputs && input.rows == output.rows)
    kernels.linear(
      input.rows, outputs, inputs, input.pointer, input.stride, packed.start.assumingMemoryBound(to: Float.self),
      output.pointer, output.stride)
  }
}
