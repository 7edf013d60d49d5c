import Messages

/// The format of an embedding on the wire.
enum EmbeddingFormat: Int32 {
  case float32 = 1
  case float16 = 2
  case int8 = 3
  case binary = 4

  /// - Parameter code: a number of the contract's `EmbeddingFormat`; the result is nil if it is unknown.
  init?(code: Int32) {
    // Unspecified means float32.
    self.init(rawValue: code == 0 ? Self.float32.rawValue : code)
  }

  /// The first value that is too large for the format; nil if all values fit.
  func firstTooLarge(_ values: [Float]) -> Float? {
    self == .float16 ? values.first { !Float16($0).isFinite } : nil
  }

  func payload(_ values: [Float]) -> Embedding.Payload {
    switch self {
    case .float32: .values(values)
    case .float16: .data(Self.halves(values))
    case .int8: Self.quantized(values)
    case .binary: .data(Self.signBits(values))
    }
  }

  /// IEEE half precision, little-endian.
  private static func halves(_ values: [Float]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(2 * values.count)
    for value in values {
      let bits = Float16(value).bitPattern
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
    }
    return bytes
  }

  /// Symmetric quantisation: the largest magnitude becomes ±127.
  private static func quantized(_ values: [Float]) -> Embedding.Payload {
    let largest = values.reduce(0) { max($0, abs($1)) }
    let scale = largest / 127
    guard scale > 0 else { return .scaled([UInt8](repeating: 0, count: values.count), scale: 0) }
    let bytes = values.map { value in
      UInt8(bitPattern: Int8(min(max((value / scale).rounded(.toNearestOrEven), -127), 127)))
    }
    return .scaled(bytes, scale: scale)
  }

  /// One bit per dimension, 1 if the value is above 0; dimension 0 is the most significant bit of byte 0.
  private static func signBits(_ values: [Float]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (values.count + 7) / 8)
    for (index, value) in values.enumerated() where value > 0 { bytes[index / 8] |= 0x80 >> UInt8(index % 8) }
    return bytes
  }
}
