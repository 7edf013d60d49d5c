/// Finds the fields of one record in the available bytes, and continues when there are more.
///
/// A field that begins with a quote extends to the next quote that is not escaped, across delimiters and line ends. A
/// bad record extends to the end of its line.
struct CSVRecordParser {
  private enum State {
    case fieldBegin, plain, quoted, escaped, behindQuote, behindReturn, bad
  }

  private let delimiter: UInt8
  private let quotes: CSVQuotes
  private var state = State.fieldBegin
  private var field = CSVRecord.Field(range: 0..<0)
  /// Whether the last closing quote follows a backslash.
  private var followsBackslash = false
  private(set) var fields: [CSVRecord.Field] = []
  /// The number of the record's bytes that were parsed.
  private(set) var position = 0
  /// The number of line ends among them.
  private(set) var lineEnds = 0
  /// Why the record is bad; nil if it is not.
  private(set) var reason: String?
  /// Whether, in a quoted field, a quote or a backslash follows a backslash: the two styles of quotes differ there.
  private(set) var dependsOnQuotes = false
  /// Whether an unescaped or closing quote follows a backslash that may have been meant to escape it.
  private(set) var hasQuoteBehindBackslash = false

  init(delimiter: CSVDelimiter, quotes: CSVQuotes) {
    self.delimiter = delimiter.byte
    self.quotes = quotes
  }

  /// Whether a quote is open at the current position.
  var isInQuotes: Bool { state == .quoted || state == .escaped }

  /// Whether the record is bad or does not end, and backslash quotes might change that.
  var needsBackslashes: Bool { hasQuoteBehindBackslash && (reason != nil || isInQuotes) }

  /// An addition to the reason about backslash quotes.
  var hint: String {
    hasQuoteBehindBackslash ? "; one follows a backslash: --csv-quotes backslash reads it as a quote" : ""
  }

  /// Whether the record contains only blanks.
  func isBlank(in bytes: Span<UInt8>) -> Bool {
    fields.count == 1 && !fields[0].isQuoted && isBlank(fields[0].range, in: bytes)
  }

  /// Parses further bytes.
  /// - Parameter bytes: all available bytes, from the record's beginning.
  /// - Returns: whether the parser has passed the record's last line end.
  mutating func advance(over bytes: Span<UInt8>) -> Bool {
    while position < bytes.count {
      switch state {
      case .fieldBegin: beginField(bytes)
      case .plain:
        if passPlain(bytes) { return true }
      case .quoted: passQuoted(bytes)
      case .escaped: passEscaped(bytes)
      case .behindQuote:
        if passBehindQuote(bytes) { return true }
      case .behindReturn:
        if bytes[position] == Self.lineFeed { return endLine() }
        if bytes[position] == Self.carriageReturn { position += 1 } else { refuseBehindQuote() }
      case .bad:
        if bytes[position] == Self.lineFeed { return endLine() }
        position += 1
      }
    }
    return false
  }

  /// Ends the record at the end of its bytes: the last line may lack its line end.
  mutating func end(_ bytes: Span<UInt8>) {
    switch state {
    case .fieldBegin:
      field = CSVRecord.Field(range: position..<position)
      endField()
    case .plain: endPlain(bytes)
    case .behindQuote, .behindReturn: endField()
    case .quoted, .escaped, .bad: break
    }
  }

  private mutating func beginField(_ bytes: Span<UInt8>) {
    let isQuoted = bytes[position] == CSVRecord.quote
    if isQuoted { position += 1 }
    field = CSVRecord.Field(range: position..<position, isQuoted: isQuoted)
    state = isQuoted ? .quoted : .plain
  }

  private mutating func passPlain(_ bytes: Span<UInt8>) -> Bool {
    let begin = field.range.lowerBound
    while position < bytes.count {
      switch bytes[position] {
      case delimiter:
        field.range = begin..<position
        endField()
        position += 1
        return false
      case Self.lineFeed:
        endPlain(bytes)
        return endLine()
      case CSVRecord.quote where position > begin && isBlank(begin..<position, in: bytes):
        refuse("a blank before a quote\(hint)")
        return false
      default: position += 1
      }
    }
    return false
  }

  private mutating func passQuoted(_ bytes: Span<UInt8>) {
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case CSVRecord.quote:
        field.range = field.range.lowerBound..<(position - 1)
        followsBackslash = quotes == .doubled && self.byte(before: position - 1, in: bytes) == CSVRecord.backslash
        hasQuoteBehindBackslash = hasQuoteBehindBackslash || followsBackslash
        dependsOnQuotes = dependsOnQuotes || followsBackslash
        state = .behindQuote
        return
      case CSVRecord.backslash:
        if quotes == .backslash {
          field.hasEscapes = true
          state = .escaped
          return
        }
        if self.byte(before: position - 1, in: bytes) == CSVRecord.backslash { dependsOnQuotes = true }
      case Self.lineFeed: lineEnds += 1
      default: break
      }
    }
  }

  private mutating func passEscaped(_ bytes: Span<UInt8>) {
    if bytes[position] == Self.lineFeed { lineEnds += 1 }
    position += 1
    state = .quoted
  }

  private mutating func passBehindQuote(_ bytes: Span<UInt8>) -> Bool {
    switch bytes[position] {
    case CSVRecord.quote:
      field.hasEscapes = true
      state = .quoted
    case delimiter: endField()
    case Self.carriageReturn: state = .behindReturn
    case Self.lineFeed:
      endField()
      return endLine()
    default:
      refuseBehindQuote()
      return false
    }
    position += 1
    return false
  }

  private mutating func endPlain(_ bytes: Span<UInt8>) {
    let begin = field.range.lowerBound
    let hasReturn = position > begin && bytes[position - 1] == Self.carriageReturn
    field.range = begin..<(hasReturn ? position - 1 : position)
    endField()
  }

  private mutating func endField() {
    fields.append(field)
    state = .fieldBegin
  }

  private mutating func endLine() -> Bool {
    if state == .behindReturn { endField() }
    position += 1
    lineEnds += 1
    return true
  }

  private mutating func refuse(_ reason: String) {
    (state, self.reason) = (.bad, reason)
  }

  private mutating func refuseBehindQuote() {
    refuse(
      followsBackslash
        ? "text behind a closing quote that follows a backslash: --csv-quotes backslash reads it as a quote"
        : "text behind a closing quote\(hint)")
  }

  /// The byte before a position, if it is in the field.
  private func byte(before place: Int, in bytes: Span<UInt8>) -> UInt8? {
    place > field.range.lowerBound ? bytes[place - 1] : nil
  }

  private func isBlank(_ range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
    range.allSatisfy { InputBuffer.isBlank(bytes[$0]) }
  }

  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
}
