import JSON

/// Reads the documents of a table. The first record names the columns as in ``DocumentParts``; other columns are
/// ignored.
struct CSVDocuments: DocumentSource {
  private var reader: CSVReader
  private let columns: CSVColumns

  /// - Parameter dialect: the reader detects parts that are nil.
  init(path: String, dialect: CSVDialect, from position: DocumentFile.Position) throws {
    var dialect = try Self.dialect(dialect, of: path, from: position)
    reader = try CSVReader(path: path, dialect: dialect)
    columns = try Self.columns(&reader)
    if position.offset > 0 {
      dialect.delimiter = reader.dialect.delimiter
      reader = try CSVReader(path: path, dialect: dialect, from: position.offset, line: position.line)
    }
  }

  var bytes: InputBytes { reader.bytes }
  var offset: Int { reader.offset }
  var linesRead: Int { reader.linesRead }
  var lineNumber: Int { reader.lineNumber }
  var dialect: CSVDialect? { reader.dialect }

  mutating func next(until deadline: ContinuousClock.Instant?) throws -> Arrival<Result<InputDocument, BadRecord>> {
    switch try reader.next(until: deadline) {
    case .here(.fields(let record)):
      .here(Result { () throws(BadRecord) in try columns.document(record, line: lineNumber) })
    case .here(.bad(let reason)): .here(.failure(BadRecord(reason: reason)))
    case .notYet: .notYet
    case .end: .end
    }
  }

  /// Combines the options, what an earlier run detected, and what the file's name says.
  private static func dialect(
    _ asked: CSVDialect, of path: String, from position: DocumentFile.Position
  ) throws -> CSVDialect {
    let before = position.dialect ?? CSVDialect()
    func refuse(_ option: String, _ asked: String, _ before: String) -> InputError {
      InputError(
        "\(path): was read with \(option) \(before) up to line \(position.line), and cannot go on with \(asked): "
          + "begin anew, or leave \(option) as it was")
    }
    if let asked = asked.delimiter, let before = before.delimiter, asked != before {
      throw refuse("--csv-delimiter", asked.rawValue, before.rawValue)
    }
    if let asked = asked.quotes, let before = before.quotes, asked != before {
      throw refuse("--csv-quotes", asked.rawValue, before.rawValue)
    }
    let named: CSVDelimiter? = DocumentFile.Format.uncompressed(path).hasSuffix(".tsv") ? .tab : nil
    return CSVDialect(
      delimiter: asked.delimiter ?? before.delimiter ?? named, quotes: asked.quotes ?? before.quotes)
  }

  private static func columns(_ reader: inout CSVReader) throws -> CSVColumns {
    switch try reader.next() {
    case .here(.fields(let header)):
      do {
        return try CSVColumns(header)
      } catch {
        throw InputError("\(reader.bytes.name): line \(reader.lineNumber): \(error.reason)")
      }
    case .here(.bad(let reason)):
      throw InputError("\(reader.bytes.name): line \(reader.lineNumber): the header is no row: \(reason)")
    case .notYet, .end:
      throw InputError("\(reader.bytes.name): line 1: no header: the first row must name columns, such as \"title\"")
    }
  }
}
