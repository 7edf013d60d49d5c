import Testing

@testable import Checkpoint

@Suite struct ElementConversionTests {
  private func convert(_ bytes: [UInt8], _ type: ElementType) -> [Float] {
    var values = [Float](repeating: 0, count: bytes.count / type.byteCount)
    bytes.withUnsafeBytes { source in
      values.withUnsafeMutableBufferPointer { ElementConversion.convert(source, of: type, to: $0) }
    }
    return values
  }

  @Test func everyHalfPrecisionValueIsExact() {
    let all = Array(UInt16.min...UInt16.max)
    let converted = convert(all.flatMap { littleEndian(UInt64($0), 2) }, .float16)
    for (bits, value) in zip(all, converted) {
      let expected = Self.halfPrecision(bits)
      #expect(value.isNaN ? expected.isNaN : value.bitPattern == expected.bitPattern, "\(bits)")
    }
  }

  /// The definition of binary16.
  private static func halfPrecision(_ bits: UInt16) -> Float {
    let sign: FloatingPointSign = bits >> 15 == 0 ? .plus : .minus
    let exponent = Int(bits >> 10 & 0x1f)
    let fraction = Float(bits & 0x3ff) / 1024
    switch exponent {
    case 31: return fraction == 0 ? Float(signOf: sign == .plus ? 1 : -1, magnitudeOf: .infinity) : .nan
    case 0: return Float(sign: sign, exponent: -14, significand: fraction)
    default: return Float(sign: sign, exponent: exponent - 15, significand: 1 + fraction)
    }
  }

  @Test func bfloat16IsTheUpperHalfOfFloat32() {
    let bits: [UInt16] = [0, 0x8000, 0x3f80, 0xc020, 0x7f7f, 0x0001, 0x7f80]
    #expect(
      convert(bits.flatMap { littleEndian(UInt64($0), 2) }, .bfloat16).map(\.bitPattern)
        == bits.map { UInt32($0) << 16 })
  }

  @Test func float64IsRoundedToNearest() {
    let values = [0.1, -1e-300, 1e300, 3.4028235e38, -0.0]
    #expect(
      convert(values.flatMap { littleEndian($0.bitPattern, 8) }, .float64).map(\.bitPattern)
        == values.map { Float($0).bitPattern })
  }

  @Test(arguments: [0, 1, 7, 8, 33])
  func findsNonFiniteValuesAnywhere(_ count: Int) {
    let finite = (0..<count).map { _ in Float.greatestFiniteMagnitude }
    #expect(finite.withUnsafeBufferPointer(ElementConversion.allFinite))
    for index in 0..<count {
      for value in [Float.nan, -.nan, .signalingNaN, .infinity, -.infinity] {
        var values = finite
        values[index] = value
        #expect(!values.withUnsafeBufferPointer(ElementConversion.allFinite))
      }
    }
  }
}
