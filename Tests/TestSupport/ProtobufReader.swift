/// A decoder of the protobuf wire format that shares no code with the server: fields in the order of their bytes.
public struct ProtobufReader: Equatable {
  public enum Value: Equatable {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes([UInt8])
  }

  public struct Field: Equatable {
    public let number: Int
    public let value: Value
  }

  public let fields: [Field]

  /// nil if the bytes are not a message.
  public init?(_ bytes: [UInt8]) {
    var cursor = Cursor(bytes: bytes)
    var fields: [Field] = []
    while !cursor.isAtEnd {
      guard let field = cursor.field() else { return nil }
      fields.append(field)
    }
    self.fields = fields
  }

  /// The values of a field, in order.
  public subscript(number: Int) -> [Value] { fields.filter { $0.number == number }.map(\.value) }

  /// The last value of a number field; 0 if it is absent.
  public func number(_ number: Int) -> UInt64 {
    for case .varint(let value) in self[number].reversed() { return value }
    return 0
  }

  /// The last value of a float field; 0 if it is absent.
  public func float(_ number: Int) -> Float {
    for case .fixed32(let bits) in self[number].reversed() { return Float(bitPattern: bits) }
    return 0
  }

  /// The length-delimited values of a field.
  public func allBytes(_ number: Int) -> [[UInt8]] {
    self[number].compactMap { value in
      if case .bytes(let bytes) = value { bytes } else { nil }
    }
  }

  /// The last value of a bytes field; empty if it is absent.
  public func bytes(_ number: Int) -> [UInt8] { allBytes(number).last ?? [] }

  /// The last value of a string field; empty if it is absent.
  public func string(_ number: Int) -> String { String(decoding: bytes(number), as: UTF8.self) }

  /// The nested messages of a field, without malformed ones.
  public func messages(_ number: Int) -> [ProtobufReader] { allBytes(number).compactMap(ProtobufReader.init) }

  /// A repeated float field, packed.
  public func floats(_ number: Int) -> [Float] {
    let bytes = allBytes(number).flatMap(\.self)
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) })
    }
  }

  private struct Cursor {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }

    mutating func varint() -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: 0, to: 70, by: 7) {
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        position += 1
        if shift < 64 { value |= UInt64(byte & 0x7f) << UInt64(shift) }
        if byte & 0x80 == 0 { return value }
      }
      return nil
    }

    mutating func take(_ count: UInt64) -> [UInt8]? {
      guard count <= UInt64(bytes.count - position) else { return nil }
      defer { position += Int(count) }
      return Array(bytes[position..<position + Int(count)])
    }

    mutating func field() -> Field? {
      guard let tag = varint(), tag >> 3 >= 1, tag >> 3 < 1 << 29 else { return nil }
      let number = Int(tag >> 3)
      func little(_ bytes: [UInt8]) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
      }
      switch tag & 7 {
      case 0: return varint().map { Field(number: number, value: .varint($0)) }
      case 1: return take(8).map { Field(number: number, value: .fixed64(little($0))) }
      case 2:
        guard let length = varint() else { return nil }
        return take(length).map { Field(number: number, value: .bytes($0)) }
      case 5: return take(4).map { Field(number: number, value: .fixed32(UInt32(little($0)))) }
      default: return nil
      }
    }
  }
}
