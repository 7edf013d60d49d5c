/// A file of documents, or standard input, read as they are needed.
package struct DocumentFile {
  /// The forms of a file, each also compressed by gzip.
  package enum Format: String, CaseIterable, Codable, Sendable {
    /// A JSON object a line: `{"id"?, "title", "abstract"?}` or `{"id"?, "text"}`.
    case jsonl
    /// Comma-separated values whose header names columns so.
    case csv

    /// The form that a file's name tells; JSON lines where it tells none.
    package init(path: String) {
      let name = path.lowercased()
      self = [".csv", ".csv.gz"].contains(where: name.hasSuffix) ? .csv : .jsonl
    }
  }

  /// How far a file is read.
  package struct Position: Codable, Equatable, Sendable {
    /// Bytes before the next document, decompressed.
    package var offset = 0
    /// Of the last line that was read, from 1.
    package var line = 0
    package var skippedLines = SkippedLines()

    package init() {}
  }

  private var source: any DocumentSource
  private let skipBadLines: Bool
  package private(set) var skippedLines: SkippedLines

  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - format: what its name tells, where none is given.
  ///   - skipBadLines: what is no document is counted and passed over.
  ///   - position: where to go on, as ``position`` told it of the same file.
  /// - Throws: ``InputError``.
  package init(path: String, format: Format? = nil, skipBadLines: Bool, from position: Position = Position()) throws {
    source =
      switch format ?? Format(path: path) {
      case .jsonl: try JSONDocuments(path: path, from: position)
      case .csv: try CSVDocuments(path: path, from: position)
      }
    self.skipBadLines = skipBadLines
    skippedLines = position.skippedLines
  }

  /// What errors call the input.
  package var name: String { source.bytes.name }
  /// The size of a regular file as it is stored, in bytes; nil where it cannot be known.
  package var totalBytes: Int? { source.bytes.totalBytes }
  /// Of the input as it is stored.
  package var bytesRead: Int { source.bytes.bytesRead }

  package var position: Position {
    var position = Position()
    (position.offset, position.line, position.skippedLines) = (source.offset, source.lineNumber, skippedLines)
    return position
  }

  /// The next document; nil at the end of the input.
  /// - Throws: ``InputError`` naming the file, the line and the reason, unless bad lines are skipped.
  package mutating func next() throws -> InputDocument? {
    while let result = try source.next() {
      switch result {
      case .success(let document): return document
      case .failure(let bad):
        guard skipBadLines else { throw InputError("\(name): line \(source.lineNumber): \(bad.reason)") }
        skippedLines.add(source.lineNumber)
      }
    }
    return nil
  }

  /// Up to `count` documents, and no more than a window's bytes of text, one document aside.
  package mutating func next(upTo count: Int) throws -> [InputDocument] {
    var documents: [InputDocument] = []
    let begin = source.offset
    while documents.count < count, source.offset - begin < Self.windowBytes, let document = try next() {
      documents.append(document)
    }
    return documents
  }

  private static let windowBytes = 8 << 20
}
