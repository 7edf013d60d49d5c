/// Records of a table, as RFC 4180 has them, or with backslashes before the quotes inside of values.
///
/// Which of the two is found out where it first makes a difference, from the file's beginning alone, so that records
/// before that place need not wait for it.
struct CSVReader {
  enum Record {
    case fields(CSVRecord)
    /// Up to the line's end, where it is no record.
    case bad(reason: String)
  }

  private var buffer: InputBuffer
  /// Lines that were read.
  private(set) var linesRead: Int
  /// Of the last record's first line, from 1.
  private(set) var lineNumber: Int
  /// As far as it is known.
  private(set) var dialect: CSVDialect
  /// Of the next record.
  private var parser = CSVRecordParser(delimiter: .comma, quotes: .doubled)
  /// Whether the first line may be UTF-16's.
  private var isEncodingOpen: Bool

  /// A longer record is no document, but a quote that is not closed.
  private static let maxRecordBytes = 64 << 20
  /// Of the file, in which its way of quoting is looked for.
  private static let lookAheadBytes = 1 << 20

  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - dialect: what is nil is found out.
  ///   - offset: of the record to begin with.
  ///   - line: the number of the line before it, from 1.
  init(path: String, dialect: CSVDialect = CSVDialect(), from offset: Int = 0, line: Int = 0) throws {
    buffer = try InputBuffer(path: path, from: offset)
    self.dialect = dialect
    isEncodingOpen = offset == 0
    (linesRead, lineNumber) = (line, line)
    resetParser()
  }

  var bytes: InputBytes { buffer.bytes }
  /// Bytes before the next record, decompressed.
  var offset: Int { buffer.offset }

  /// The next record; lines of blanks are passed over.
  /// - Parameter deadline: when to stop waiting for a writer; never where it is nil.
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
      // All that follows is in it: to pass over that is no way to go on.
      let reason = "a quote is not closed up to the file's end\(parser.hint)"
      throw InputError("\(bytes.name): line \(linesRead + 1): \(reason)")
    }
    let unread = buffer.unread
    parser.end(unread.span)
  }

  /// Passes the record that the parser has found; nil where it is blank.
  private mutating func take() -> Record? {
    let record = buffer.unread.prefix(parser.position)
    let (found, isBlank) = (parser, parser.reason == nil && parser.isBlank(in: record.span))
    lineNumber = linesRead + 1
    linesRead += found.lineEnds
    buffer.pass(found.position)
    // A record that is bad both ways tells that backslashes do not make all of them good.
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
