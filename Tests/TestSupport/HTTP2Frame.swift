/// An HTTP/2 frame, as in RFC 9113.
public struct HTTP2Frame: Equatable, Sendable {
  public enum Kind: UInt8, Sendable {
    case data = 0
    case headers, priority, resetStream, settings, pushPromise, ping, goAway, windowUpdate, continuation
  }

  public static let endStream: UInt8 = 0x1
  public static let acknowledge: UInt8 = 0x1
  public static let endHeaders: UInt8 = 0x4

  public var kind: Kind
  public var flags: UInt8
  public var stream: UInt32
  public var payload: [UInt8]
  /// The fields of a received HEADERS frame, by name.
  public internal(set) var fields: [String: String] = [:]

  public init(_ kind: Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
    self.kind = kind
    self.flags = flags
    self.stream = stream
    self.payload = payload
  }

  /// Parses a complete frame; nil for one of an unknown kind.
  public init?(reading bytes: ArraySlice<UInt8>) {
    let bytes = Array(bytes)
    guard let kind = Kind(rawValue: bytes[3]) else { return nil }
    let stream = bytes[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
    self.init(kind, flags: bytes[4], stream: stream, Array(bytes[9...]))
  }

  public var endsStream: Bool { flags & Self.endStream != 0 }

  /// The four bytes of the payload at an offset, such as an error code or a window increment.
  public func number(at offset: Int = 0) -> UInt32 {
    payload[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  public static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  public var bytes: [UInt8] {
    Array(Self.bigEndian(UInt32(payload.count)).dropFirst()) + [kind.rawValue, flags] + Self.bigEndian(stream) + payload
  }

  /// Fields in HPACK, each a literal without indexing and without Huffman coding.
  public static func headerBlock(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { name, value in [0x00] + string(name) + string(value) }
  }

  private static func string(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
    return [127] + ProtobufWriter.varint(UInt64(bytes.count - 127)) + bytes
  }
}
