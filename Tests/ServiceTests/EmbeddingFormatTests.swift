import Messages
import TestSupport
import Testing

@testable import Service

/// The wire formats of an embedding.
@Suite struct EmbeddingFormatTests {
  private static func bytes(_ format: EmbeddingFormat, _ values: [Float]) throws -> [UInt8] {
    guard case .data(let bytes) = format.payload(values) else {
      Issue.record("no plain bytes")
      throw CancellationError()
    }
    return bytes
  }

  private static func scaled(_ values: [Float]) throws -> (values: [Int8], scale: Float) {
    guard case .scaled(let bytes, let scale) = EmbeddingFormat.int8.payload(values) else {
      Issue.record("no scaled bytes")
      throw CancellationError()
    }
    return (bytes.map { Int8(bitPattern: $0) }, scale)
  }

  @Test(
    arguments: [(0, .float32), (1, .float32), (2, .float16), (3, .int8), (4, .binary), (5, nil), (-1, nil)]
      as [(Int32, EmbeddingFormat?)])
  func theNumberChooses(code: Int32, format: EmbeddingFormat?) {
    #expect(EmbeddingFormat(code: code) == format)
  }

  @Test func float32IsTheValuesThemselves() {
    #expect(EmbeddingFormat.float32.payload([1.5, -0.1]) == .values([1.5, -0.1]))
  }

  @Test func float16IsTheNearestHalfLittleEndian() throws {
    #expect(
      try Self.bytes(.float16, [1, -2, 0.1, 65_504]) == [0x00, 0x3c, 0x00, 0xc0, 0x66, 0x2e, 0xff, 0x7b])
    var generator = SeededGenerator(seed: 81)
    let values = generator.floats(100)
    let bytes = try Self.bytes(.float16, values)
    for (index, value) in values.enumerated() {
      let half = Float16(bitPattern: UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8)
      #expect(half == Float16(value))
    }
  }

  @Test func int8MapsTheLargestMagnitudeTo127() throws {
    let (values, scale) = try Self.scaled([2.54, -1.27, 0, 1.27])
    #expect(values == [127, -64, 0, 64] || values == [127, -63, 0, 63] || values == [127, -64, 0, 63])
    #expect(abs(scale - 0.02) < 1e-6)
    #expect(try Self.scaled([-3, 1.5]).values.first == -127, "symmetric: -128 is not used")
  }

  @Test func int8ReadsBackWithinHalfAStep() throws {
    var generator = SeededGenerator(seed: 82)
    for _ in 0..<50 {
      let scaleOfValues = Float.random(in: 1e-20...1e20, using: &generator)
      let original = generator.floats(64).map { $0 * scaleOfValues }
      let (values, scale) = try Self.scaled(original)
      for (value, byte) in zip(original, values) {
        #expect(abs(value - Float(byte) * scale) <= scale * 0.5001)
        #expect(byte >= -127)
      }
    }
  }

  @Test(arguments: [1, 7, 100, 70_000].map { Float(bitPattern: $0) } + [.leastNormalMagnitude])
  func int8OfVerySmallValuesIsNeverWrongBySign(value: Float) throws {
    let (values, scale) = try Self.scaled([value, -value, 0])
    #expect(values[0] >= 0 && values[1] <= 0 && values[2] == 0)
    #expect(scale.isFinite && Float(values[0]) * scale <= 2 * value)
  }

  @Test func binaryIsOneBitADimensionTheFirstMostSignificant() throws {
    #expect(try Self.bytes(.binary, [1, -1, 0, 0.5, -0.0, 1e-30, -5, 2]) == [0b1001_0101])
    #expect(try Self.bytes(.binary, [1, -1, 1]) == [0b1010_0000], "the last byte is padded with zeros")
    #expect(try Self.bytes(.binary, Array(repeating: 1, count: 9)) == [0xff, 0x80])
    #expect(try Self.bytes(.binary, []) == [])
  }

  @Test func aVectorOfZerosIsZeroInEveryFormat() throws {
    let zeros = [Float](repeating: 0, count: 10)
    #expect(try Self.bytes(.float16, zeros) == [UInt8](repeating: 0, count: 20))
    #expect(EmbeddingFormat.int8.payload(zeros) == .scaled([UInt8](repeating: 0, count: 10), scale: 0))
    #expect(try Self.bytes(.binary, zeros) == [0, 0])
  }
}
