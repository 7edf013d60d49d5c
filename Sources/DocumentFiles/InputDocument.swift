import Messages

/// One document of the input.
package struct InputDocument: Sendable, Equatable {
  /// As the input gives it; null where it gives none.
  package let id: JSONValue
  package let content: Document.Content
  /// Its first, from 1.
  package let line: Int
}

/// Why a line or a record is no document.
struct BadRecord: Error {
  let reason: String
}

/// Documents of one form, and where they stand.
protocol DocumentSource {
  var bytes: InputBytes { get }
  /// Bytes before the next document, decompressed.
  var offset: Int { get }
  /// Of the last document's first line, from 1.
  var lineNumber: Int { get }

  /// The next document, or why what stands in its place is none; nil at the end.
  mutating func next() throws -> Result<InputDocument, BadRecord>?
}
