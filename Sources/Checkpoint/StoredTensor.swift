/// What one element of a stored tensor is.
public enum ElementType: String, Sendable {
  case float32, float16, bfloat16, float64, int64, int32, uint8, bool

  /// Size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .uint8, .bool: 1
    }
  }

  /// Whether `readFloats` converts it.
  public var isFloatingPoint: Bool {
    switch self {
    case .float32, .float16, .bfloat16, .float64: true
    case .int64, .int32, .uint8, .bool: false
    }
  }
}

/// A tensor as the file's index describes it; its values stay on disk.
public struct StoredTensor: Sendable, Equatable {
  /// The key exactly as in the file.
  public let name: String
  /// Sizes, outermost first; empty for a scalar.
  public let shape: [Int]
  public let elementType: ElementType

  /// Product of the shape; 1 for a scalar. It was checked not to overflow when the file was opened.
  public var elementCount: Int {
    shape.reduce(1, *)
  }
}
