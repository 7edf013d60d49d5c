/// Why a line or a record is not a document.
struct BadRecord: Error {
  let reason: String
}

/// Reads documents of one format, and keeps track of their positions.
protocol DocumentSource {
  var bytes: InputBytes { get }
  /// The number of decompressed bytes before the next document.
  var offset: Int { get }
  /// The number of lines read.
  var linesRead: Int { get }
  /// The number of the last document's first line, from 1.
  var lineNumber: Int { get }
  /// How the input separates and quotes its values, as far as the reader has detected it; nil if it is not a table.
  var dialect: CSVDialect? { get }

  /// The next document, or why the next line or record is not one.
  /// - Parameter deadline: the time to stop waiting for a writer; nil means never.
  mutating func next(until deadline: ContinuousClock.Instant?) throws -> Arrival<Result<InputDocument, BadRecord>>
}
