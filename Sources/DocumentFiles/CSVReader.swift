/// Reads the records of a table, as in RFC 4180 or with backslashes before quotes inside values.
///
/// The reader detects the style of quotes where it first makes a difference, from the file's beginning alone. Records
/// before that place need not wait for the detection.
struct CSVReader {
  enum Record {
    case fields(CSVRecord)
    /// The text up to the line's end is not a record.
    case bad(reason: String)
  }

  private var buffer: InputBuffer
  /// The number of lines read.
  private(set) var linesRead: Int
  /// The number of the last record's first line, from 1.
  private(set) var lineNumber: Int
  /// The dialect, as far as it is known.
  private(set) var dialect: CSVDialect
  /// The parser of the next record.
  private var parser = CSVRecordParser(delimiter: .comma, quotes: .doubled)
  /// Whether the first line may still turn out to be UTF-16.
  private var isEncodingOpen: Bool

  /// A longer record is not a document, but an unclosed quote.
  private static let maxRecordBytes = 64 << 20
  /// The bytes at the file's beginning in which the reader detects the style of quotes.
  private static let lookAheadBytes = 1 << 20

  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - dialect: the reader detects parts that are nil.
  ///   - offset: the offset of the first record to read.
  ///   - line: the number of the line before that record, from 1.
  init(path: String, dialect: CSVDialect = CSVDialect(), from offset: Int = 0, line: Int = 0) throws {
    buffer = try InputBuffer(path: path, from: offset)
    self.dialect = dialect
    isEncodingOpen = offset == 0
    (linesRead, lineNumber) = (line, line)
    resetParser()
  }

  var bytes: InputBytes { buffer.bytes }
  /// The number of decompressed bytes before the next record.
  var offset: Int { buffer.offset }

  /// Reads the next record; skips blank lines.
  /// - Parameter deadline: the time to stop waiting for a writer; nil means never.
  mutating func next(until deadline: ContinuousClock.Instant? = nil) throws -> Arrival<Record> {
    guard try checkEncoding(until: deadline), try findDelimiter(until: deadline) else { return .notYet }
    while true {
      let isWhole = advance()
      if dialect.quotes == nil, parser.dependsOnQuotes {
        guard try findQuotes(until: deadline) else { return .notYet }
        resetParser()
      } else if isWhole {
        if let record = take() { return .here(record) }
      } else if buffer.isAtEnd {
        guard !buffer.unread.isEmpty else { return .end }
        try end()
        if let record = take() { return .here(record) }
      } else {
        guard parser.position <= Self.maxRecordBytes else {
          let limit = "\(Self.maxRecordBytes >> 20) MiB"
          throw InputError("\(bytes.name): line \(linesRead + 1): a record is longer than \(limit)")
        }
        guard try buffer.fill(until: deadline) else { return .notYet }
      }
    }
  }

  private mutating func advance() -> Bool {
    let unread = buffer.unread
    return parser.advance(over: unread.span)
  }

  private mutating func end() throws {
    if parser.isInQuotes {
      // The unclosed quote encloses the rest of the file, so skipping it would not help.
      let reason = "a quote is not closed up to the file's end\(parser.hint)"
      throw InputError("\(bytes.name): line \(linesRead + 1): \(reason)")
    }
    let unread = buffer.unread
    parser.end(unread.span)
  }

  /// Removes the record that the parser has found from the buffer; nil if it is blank.
  private mutating func take() -> Record? {
    let record = buffer.unread.prefix(parser.position)
    let (found, isBlank) = (parser, parser.reason == nil && parser.isBlank(in: record.span))
    lineNumber = linesRead + 1
    linesRead += found.lineEnds
    buffer.pass(found.position)
    // A record that is bad in both styles shows that backslashes do not make all records good.
    if dialect.quotes == nil, found.reason != nil || buffer.offset >= Self.lookAheadBytes { dialect.quotes = .doubled }
    resetParser()
    guard !isBlank else { return nil }
    if let reason = found.reason { return .bad(reason: reason) }
    return .fields(CSVRecord(bytes: record, fields: found.fields, quotes: dialect.quotes ?? .doubled))
  }

  private mutating func resetParser() {
    parser = CSVRecordParser(delimiter: dialect.delimiter ?? .comma, quotes: dialect.quotes ?? .doubled)
  }

  private mutating func checkEncoding(until deadline: ContinuousClock.Instant?) throws -> Bool {
    guard isEncodingOpen else { return true }
    guard try buffer.checkFirstLine(in: Self.lookAheadBytes, until: deadline) else { return false }
    isEncodingOpen = false
    return true
  }

  private mutating func findDelimiter(until deadline: ContinuousClock.Instant?) throws -> Bool {
    while dialect.delimiter == nil {
      let isWhole = buffer.isAtEnd || buffer.unread.count > Self.lookAheadBytes
      let unread = buffer.unread
      dialect.delimiter = CSVDelimiter.found(inHeader: unread.span, isWhole: isWhole)
      if dialect.delimiter != nil {
        resetParser()
      } else {
        guard try buffer.fill(until: deadline) else { return false }
      }
    }
    return true
  }

  private mutating func findQuotes(until deadline: ContinuousClock.Instant?) throws -> Bool {
    while !buffer.isAtEnd, buffer.offset + buffer.unread.count < Self.lookAheadBytes {
      guard try buffer.fill(until: deadline) else { return false }
    }
    let window = buffer.unread.prefix(max(0, Self.lookAheadBytes - buffer.offset))
    let isWhole = buffer.isAtEnd && window.count == buffer.unread.count
    dialect.quotes = CSVQuotes.found(in: window, delimiter: dialect.delimiter ?? .comma, isWhole: isWhole)
    return true
  }
}
