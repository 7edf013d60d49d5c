/// Writes the protobuf wire format byte by byte, so that a test can also write messages that no library would.
public struct ProtobufWriter {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  /// The bytes that `build` writes.
  public static func message(_ build: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var writer = ProtobufWriter()
    build(&writer)
    return writer.bytes
  }

  /// A varint with as few bytes as possible.
  public static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    repeat {
      bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }

  public mutating func raw(_ bytes: [UInt8]) {
    self.bytes += bytes
  }

  public mutating func tag(_ number: Int, wireType: Int) {
    raw(Self.varint(UInt64(number) << 3 | UInt64(wireType)))
  }

  public mutating func number(_ number: Int, _ value: UInt64) {
    tag(number, wireType: 0)
    raw(Self.varint(value))
  }

  public mutating func fixed32(_ number: Int, _ value: UInt32) {
    tag(number, wireType: 5)
    raw((0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
  }

  public mutating func fixed64(_ number: Int, _ value: UInt64) {
    tag(number, wireType: 1)
    raw((0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
  }

  public mutating func bytes(_ number: Int, _ value: [UInt8]) {
    tag(number, wireType: 2)
    raw(Self.varint(UInt64(value.count)))
    raw(value)
  }

  public mutating func string(_ number: Int, _ value: String) {
    bytes(number, Array(value.utf8))
  }

  public mutating func message(_ number: Int, _ build: (inout ProtobufWriter) -> Void) {
    bytes(number, Self.message(build))
  }
}
