/// The type of a stored tensor's elements.
public enum ElementType: String, Sendable {
  case float32, float16, bfloat16, float64, int64, int32, uint8, bool

  /// The size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .uint8, .bool: 1
    }
  }

  /// Whether `readFloats` can convert it.
  public var isFloatingPoint: Bool {
    switch self {
    case .float32, .float16, .bfloat16, .float64: true
    case .int64, .int32, .uint8, .bool: false
    }
  }
}

/// A tensor as its file's index describes it; the values stay on disk.
public struct StoredTensor: Sendable, Equatable {
  /// The key exactly as it is in the file.
  public let name: String
  /// The sizes, outermost first; empty for a scalar.
  public let shape: [Int]
  public let elementType: ElementType

  /// The product of the shape; 1 for a scalar. Opening the file has checked that it does not overflow.
  public var elementCount: Int {
    shape.reduce(1, *)
  }

  /// The product of a shape of sizes from 0 up. It is nil if the product overflows, or the product of the sizes other
  /// than 0 does: then strides could not be computed, even for an empty tensor.
  static func elementCount(of shape: [Int]) -> Int? {
    var count = 1
    for size in shape where size != 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow else { return nil }
      count = product
    }
    return shape.contains(0) ? 0 : count
  }
}
