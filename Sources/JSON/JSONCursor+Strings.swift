extension JSONCursor {
  /// The string that begins here, after its opening quote; empty if it is not kept.
  mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> String {
    position += 1
    let start = position
    // Most strings have no escape and need no decoding.
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        defer { position += 1 }
        return try validated(bytes.extracting(start..<position), at: start)
      case UInt8(ascii: "\\"): return try escapedString(from: start, bytes)
      case ..<0x20: throw error("a control character in a string: write \\n, \\t or \\u00XX")
      default: position += 1
      }
    }
    throw error("a string does not end")
  }

  private mutating func escapedString(from start: Int, _ bytes: Span<UInt8>) throws(JSONError) -> String {
    var text: [UInt8] = []
    var plain = start
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        Self.append(bytes.extracting(plain..<position), to: &text)
        position += 1
        // Escapes produce whole characters, so invalid UTF-8 comes from the document.
        guard let string = String(validating: text, as: UTF8.self) else {
          throw JSONError(offset: start, reason: .notUTF8)
        }
        return string
      case UInt8(ascii: "\\"):
        Self.append(bytes.extracting(plain..<position), to: &text)
        try appendEscape(to: &text, bytes)
        plain = position
      case ..<0x20: throw error("a control character in a string: write \\n, \\t or \\u00XX")
      default: position += 1
      }
    }
    throw error("a string does not end")
  }

  private mutating func appendEscape(to text: inout [UInt8], _ bytes: Span<UInt8>) throws(JSONError) {
    let start = position
    position += 1
    guard position < bytes.count else { throw error("a string does not end") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text.append(contentsOf: try escapedScalar(from: start, bytes).utf8)
    default: throw error("an escape that JSON does not have", at: start)
    }
  }

  /// The scalar of `\uXXXX`, or of the surrogate pair `\uXXXX\uXXXX`; the cursor is after the first `\u`.
  private mutating func escapedScalar(from start: Int, _ bytes: Span<UInt8>) throws(JSONError) -> Unicode.Scalar {
    let first = try hexadecimalUnit(bytes)
    if let scalar = Unicode.Scalar(first) { return scalar }
    let behindFirst = position
    if first < 0xDC00, takeHere("\\", bytes), takeHere("u", bytes) {
      let second = try hexadecimalUnit(bytes)
      if (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    guard case .replaced = policy.loneSurrogates else { throw error("half of a surrogate pair", at: start) }
    position = behindFirst
    return "\u{FFFD}"
  }

  private mutating func hexadecimalUnit(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for offset in 0..<4 {
      guard position + offset < bytes.count, let digit = Self.hexadecimalDigit(bytes[position + offset]) else {
        throw error("\\u without four hexadecimal digits")
      }
      unit = unit << 4 | digit
    }
    position += 4
    return unit
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  private static func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
    bytes.withUnsafeBufferPointer { text.append(contentsOf: $0) }
  }

  /// - Parameter offset: the offset of the bytes in the document.
  private func validated(_ bytes: Span<UInt8>, at offset: Int) throws(JSONError) -> String {
    guard isKept else {
      guard let invalid = Self.firstInvalid(bytes) else { return "" }
      throw JSONError(offset: offset + invalid, reason: .notUTF8)
    }
    if let text = bytes.withUnsafeBufferPointer({ String(validating: $0, as: UTF8.self) }) { return text }
    throw JSONError(offset: offset, reason: .notUTF8)
  }

  /// The position of the first byte that is not valid UTF-8; nil if all bytes are valid.
  static func firstInvalid(_ bytes: Span<UInt8>) -> Int? {
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: bytes)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }
}
