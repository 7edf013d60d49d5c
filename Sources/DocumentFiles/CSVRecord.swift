/// A row of a table: its bytes, and the ranges of its values.
struct CSVRecord {
  struct Field {
    /// The range in the record, without the quotes around the value.
    var range: Range<Int>
    var isQuoted = false
    /// Whether the value contains quotes or backslashes that stand for other characters.
    var hasEscapes = false
  }

  let bytes: ArraySlice<UInt8>
  let fields: [Field]
  let quotes: CSVQuotes

  /// A value without its quoting.
  func value(_ place: Int) -> String {
    let field = fields[place]
    let begin = bytes.startIndex
    let written = bytes[(begin + field.range.lowerBound)..<(begin + field.range.upperBound)]
    return String(decoding: field.hasEscapes ? unescaped(written)[...] : written, as: UTF8.self)
  }

  /// The offset in the record of the first byte that is not valid UTF-8; nil if all bytes are valid.
  var firstInvalidByte: Int? {
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }

  private func unescaped(_ written: ArraySlice<UInt8>) -> [UInt8] {
    var value: [UInt8] = []
    var isEscaped = false
    for byte in written {
      let isPair = isEscaped && (byte == Self.quote || byte == Self.backslash)
      // A backslash before any other character stands for itself.
      if isPair { value[value.count - 1] = byte } else { value.append(byte) }
      isEscaped = !isPair && (byte == Self.quote || (quotes == .backslash && byte == Self.backslash))
    }
    return value
  }

  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")
}
