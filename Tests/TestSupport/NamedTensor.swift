import Foundation

/// A tensor of fp32 values for a weights file.
public struct NamedTensor: Sendable {
  public var name: String
  public let shape: [Int]
  public var values: [Float]

  /// - Parameter values: in row-major order, as many as the shape requires.
  public init(_ name: String, _ shape: [Int], _ values: [Float]) {
    precondition(shape.reduce(1, *) == values.count)
    (self.name, self.shape, self.values) = (name, shape, values)
  }
}

extension [NamedTensor] {
  /// A safetensors file with these tensors in their order.
  public var safetensors: [UInt8] {
    var end = 0
    let entries = map { tensor in
      let begin = end
      end += 4 * tensor.values.count
      return "\"\(tensor.name)\":{\"dtype\":\"F32\",\"shape\":\(tensor.shape),\"data_offsets\":[\(begin),\(end)]}"
    }
    let header = [UInt8]("{\(entries.joined(separator: ","))}".utf8)
    return Self.littleEndian(UInt64(header.count)) + header
      + flatMap { $0.values.flatMap { Self.littleEndian($0.bitPattern) } }
  }

  private static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    Swift.withUnsafeBytes(of: number.littleEndian) { [UInt8]($0) }
  }
}
