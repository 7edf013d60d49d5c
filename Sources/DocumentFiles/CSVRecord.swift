/// A row of a table: its bytes, and where the values are.
struct CSVRecord {
  struct Field {
    /// From the record's begin; without the quotes around it.
    var range: Range<Int>
    var isQuoted = false
    /// Whether there are quotes or backslashes in it that stand for other characters.
    var hasEscapes = false
  }

  let bytes: ArraySlice<UInt8>
  let fields: [Field]
  let quotes: CSVQuotes

  /// A value as it was before it was quoted.
  func value(_ place: Int) -> String {
    let field = fields[place]
    let begin = bytes.startIndex
    let written = bytes[(begin + field.range.lowerBound)..<(begin + field.range.upperBound)]
    return String(decoding: field.hasEscapes ? unescaped(written)[...] : written, as: UTF8.self)
  }

  /// Where the first byte is that cannot be in UTF-8, from the record's begin; nil where all can.
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
      // A backslash before another character is itself.
      if isPair { value[value.count - 1] = byte } else { value.append(byte) }
      isEscaped = !isPair && (byte == Self.quote || (quotes == .backslash && byte == Self.backslash))
    }
    return value
  }

  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")
}
