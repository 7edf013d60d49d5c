/// Reads a JSON document (RFC 8259) from bytes.
struct JSONReader {
  /// Where and why a document is not JSON.
  struct SyntaxError: Error, Equatable, CustomStringConvertible {
    /// Offset in bytes.
    var offset: Int
    var reason: String

    var description: String { "invalid JSON at byte \(offset): \(reason)" }
  }

  private static let maxDepth = 64

  private let bytes: [UInt8]
  private var position = 0

  /// The value of a whole document.
  static func read(_ bytes: [UInt8]) throws(SyntaxError) -> JSONValue {
    var reader = JSONReader(bytes: bytes)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.position == bytes.count else { throw reader.error("text after the end of the value") }
    return value
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func error(_ reason: String) -> SyntaxError {
    SyntaxError(offset: position, reason: position < bytes.count ? reason : "the document ends early")
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  /// Takes the given character, if it comes next.
  private mutating func takeHere(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Takes the given character after any space, if it comes next.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    return takeHere(character)
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(SyntaxError) {
    guard take(character) else { throw error("expected '\(character)'") }
  }

  private mutating func value(depth: Int) throws(SyntaxError) -> JSONValue {
    guard depth < Self.maxDepth else { throw error("nested deeper than \(Self.maxDepth)") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(SyntaxError) -> JSONValue {
    try expect("{")
    var members: [(name: [UInt8], value: JSONValue)] = []
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      let name = try string()
      try expect(":")
      members.append((name, try value(depth: depth + 1)))
    } while take(",")
    try expect("}")
    return .object(members)
  }

  private mutating func array(depth: Int) throws(SyntaxError) -> JSONValue {
    try expect("[")
    var values: [JSONValue] = []
    if take("]") { return .array(values) }
    repeat {
      values.append(try value(depth: depth + 1))
    } while take(",")
    try expect("]")
    return .array(values)
  }

  private mutating func literal(_ name: StaticString, _ value: JSONValue) throws(SyntaxError) -> JSONValue {
    for character in name.description.utf8 {
      guard next == character else { throw error("expected a value") }
      position += 1
    }
    return value
  }

  private mutating func number() throws(SyntaxError) -> JSONValue {
    let start = position
    while let byte = next, "+-.eE0123456789".utf8.contains(byte) {
      position += 1
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard text.first != "+", text.first != ".", let value = Double(text), value.isFinite else {
      throw error("expected a value")
    }
    return .number(value)
  }

  private mutating func string() throws(SyntaxError) -> [UInt8] {
    guard next == UInt8(ascii: "\"") else { throw error("expected '\"'") }
    position += 1
    var result: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw error("a control character in a string") }
      position += 1
      if byte == UInt8(ascii: "\\") {
        try appendEscape(to: &result)
      } else {
        result.append(byte)
      }
    }
    guard next != nil else { throw error("") }
    position += 1
    return result
  }

  private mutating func appendEscape(to result: inout [UInt8]) throws(SyntaxError) {
    guard let byte = next else { throw error("") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0C)
    case UInt8(ascii: "n"): result.append(0x0A)
    case UInt8(ascii: "r"): result.append(0x0D)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "u"): result += Array(String(try escapedScalar()).utf8)
    default: throw error("an unknown escape")
    }
  }

  /// The scalar of `XXXX`, or of the surrogate pair `XXXX\uXXXX`, behind a `\u`.
  private mutating func escapedScalar() throws(SyntaxError) -> Unicode.Scalar {
    let first = try hexadecimalUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard takeHere("\\"), takeHere("u") else { throw error("a lone surrogate") }
    let second = try hexadecimalUnit()
    guard (0xD800..<0xDC00).contains(first), (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw error("a lone surrogate") }
    return scalar
  }

  private mutating func hexadecimalUnit() throws(SyntaxError) -> UInt32 {
    guard position + 4 <= bytes.count,
      let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16),
      bytes[position] != UInt8(ascii: "+"), bytes[position] != UInt8(ascii: "-")
    else { throw error("expected four hexadecimal digits") }
    position += 4
    return value
  }
}
