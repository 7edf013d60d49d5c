import CKernels
import TestSupport

@testable import Tensor

extension InstructionSet {
  /// The int8 kernels of the set, which all sets for this CPU have.
  var int8Kernels: scimult_int8_kernels? { scimult_int8_kernels_for(code)?.pointee }
}

/// Rows of u8, as input of a product.
struct ByteRows {
  let rows: Int
  let columns: Int
  /// A multiple of four. The padding of a row is random, because it must not matter.
  let stride: Int
  var bytes: [UInt8]
  /// 1 · q + 0, unless they are set.
  var scales: [scimult_row_scale]

  init(_ rows: Int, _ columns: Int, _ generator: inout SeededGenerator, value: UInt8? = nil) {
    (self.rows, self.columns, stride) = (rows, columns, (columns + 3) / 4 * 4)
    bytes = (0..<rows * stride).map { index in
      let random = UInt8.random(in: 0...255, using: &generator)
      return index % ((columns + 3) / 4 * 4) < columns ? value ?? random : random
    }
    scales = Array(repeating: scimult_row_scale(scale: 1, offset: 0), count: rows)
  }

  func row(_ row: Int) -> ArraySlice<UInt8> { bytes[row * stride..<row * stride + columns] }

  /// A range of the rows.
  func part(_ part: Range<Int>) -> ByteRows {
    var copy = ByteRows(bytesOf: self, rows: part.count)
    copy.bytes = Array(bytes[part.lowerBound * stride..<part.upperBound * stride])
    copy.scales = Array(scales[part])
    return copy
  }

  private init(bytesOf other: ByteRows, rows: Int) {
    self.rows = rows
    (columns, stride, bytes, scales) = (other.columns, other.stride, other.bytes, other.scales)
  }
}

/// A linear layer in a set's packed form, with its original weights.
struct Int8Layer {
  let kernels: scimult_int8_kernels
  let outputs: Int
  let inputs: Int
  let weight: [Float]
  let bias: [Float]
  /// One for each output.
  let scales: [Float]
  let packed: AlignedBuffer

  init(_ kernels: scimult_int8_kernels, outputs: Int, inputs: Int, weight: [Float], bias: [Float]) {
    (self.kernels, self.outputs, self.inputs, self.weight, self.bias) = (kernels, outputs, inputs, weight, bias)
    packed = AlignedBuffer(byteCount: kernels.packed_size(outputs, inputs))
    var scales = [Float](repeating: 0, count: outputs)
    kernels.weight_scales(outputs, inputs, weight, &scales)
    self.scales = scales
    precondition(kernels.pack(outputs, inputs, weight, scales, bias, packed.start) != 0)
  }

  /// outputs × inputs, quantised with the scales: −127 … 127.
  var integers: [Int] {
    weight.enumerated().map { index, value in Int((value / scales[index / inputs]).rounded(.toNearestOrEven)) }
  }

  enum Product { case linear, unbiased, add, gelu }

  /// Returns y, with `stride` floats per row, after the product.
  func run(_ product: Product = .linear, on x: ByteRows, y: [Float], stride: Int) -> [Float] {
    let kernel =
      switch product {
      case .linear: kernels.linear!
      case .unbiased: kernels.linear_unbiased!
      case .add: kernels.linear_add!
      case .gelu: kernels.linear_gelu!
      }
    var y = y
    kernel(x.rows, outputs, inputs, x.bytes, x.stride, x.scales, packed.start, &y, stride)
    return y
  }

  func run(_ product: Product = .linear, on x: ByteRows) -> [Float] {
    run(product, on: x, y: Array(repeating: 0, count: x.rows * outputs), stride: outputs)
  }
}
