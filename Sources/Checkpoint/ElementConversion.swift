/// Loops over raw little-endian elements, without branches, so that the compiler vectorises them.
enum ElementConversion {
  /// Converts the elements of `source` to fp32 in `destination`; both have the same number of elements.
  ///
  /// fp16 and bf16 convert exactly. fp64 is rounded to nearest, and becomes infinite beyond fp32's range. The type must
  /// be a floating-point type.
  static func convert(
    _ source: UnsafeRawBufferPointer, of type: ElementType, to destination: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(source.count == destination.count * type.byteCount)
    switch type {
    case .float32: UnsafeMutableRawBufferPointer(destination).copyMemory(from: source)
    case .float16: loop(source, destination, float16)
    case .bfloat16: loop(source, destination, bfloat16)
    case .float64: loop(source, destination) { (value: Double) in Float(value) }
    case .int64, .int32, .uint8, .bool: preconditionFailure("\(type) is not a floating-point type")
    }
  }

  /// Whether no value is infinite or NaN.
  static func allFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
    // Adding one to an exponent of all ones carries into the sign bit, and into no other bit of the mask.
    var carry: UInt32 = 0
    for value in values {
      carry |= (value.bitPattern & 0x7fff_ffff) &+ 0x0080_0000
    }
    return carry & 0x8000_0000 == 0
  }

  @inline(__always)
  private static func loop<Element: BitwiseCopyable>(
    _ source: UnsafeRawBufferPointer, _ destination: UnsafeMutableBufferPointer<Float>,
    _ convert: (Element) -> Float
  ) {
    guard let from = source.baseAddress, let to = destination.baseAddress else { return }
    let elements = from.assumingMemoryBound(to: Element.self)
    for index in 0..<destination.count {
      to[index] = convert(elements[index])
    }
  }

  @inline(__always)
  private static func bfloat16(_ bits: UInt16) -> Float {
    Float(bitPattern: UInt32(bits) << 16)
  }

  /// The exponent and fraction, moved to fp32's position, represent the value times 2⁻¹¹². One multiplication corrects
  /// that, also for subnormal numbers. An exponent of all ones (infinity, NaN) must stay all ones.
  @inline(__always)
  private static func float16(_ bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7fff) << 13
    let scaled = (Float(bitPattern: magnitude) * Float(bitPattern: 0x7780_0000)).bitPattern
    let special = magnitude >= 0x0f80_0000 ? UInt32(0x7f80_0000) : 0
    return Float(bitPattern: scaled | special | UInt32(bits & 0x8000) << 16)
  }
}
