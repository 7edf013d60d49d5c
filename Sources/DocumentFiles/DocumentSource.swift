/// Why a line or a record is no document.
struct BadRecord: Error {
  let reason: String
}

/// Documents of one form, and where they stand.
protocol DocumentSource {
  var bytes: InputBytes { get }
  /// Bytes before the next document, decompressed.
  var offset: Int { get }
  /// Lines that were read.
  var linesRead: Int { get }
  /// Of the last document's first line, from 1.
  var lineNumber: Int { get }
  /// How its values are separated and quoted, as far as that has been found out; nil where it is no table.
  var dialect: CSVDialect? { get }

  /// The next document, or why what stands in its place is none.
  /// - Parameter deadline: when to stop waiting for a writer; never where it is nil.
  mutating func next(until deadline: ContinuousClock.Instant?) throws -> Arrival<Result<InputDocument, BadRecord>>
}
