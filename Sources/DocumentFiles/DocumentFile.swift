/// Reads documents from a file or standard input, as they are needed.
package struct DocumentFile {
  /// The formats of a file; each may be compressed with gzip.
  package enum Format: String, CaseIterable, Codable, Sendable {
    /// One JSON object per line.
    case jsonl
    /// A table; the first row names the columns.
    case csv

    /// The format according to a file's name; JSON lines by default.
    package init(path: String) {
      let name = Self.uncompressed(path)
      self = [".csv", ".tsv"].contains(where: name.hasSuffix) ? .csv : .jsonl
    }

    /// The path in lower case, without gzip's extension.
    static func uncompressed(_ path: String) -> String {
      let name = path.lowercased()
      return name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    }
  }

  /// How far a file has been read.
  package struct Position: Codable, Equatable, Sendable {
    /// The number of decompressed bytes before the next document.
    package var offset = 0
    /// The number of lines read.
    package var line = 0
    /// The lines skipped before this position.
    package var skippedLines = SkippedLines()
    /// The detected dialect of a table; nil for other files.
    package var dialect: CSVDialect?

    /// The beginning of a file.
    package init() {}
  }

  private var source: any DocumentSource
  /// Why reading cannot continue, and the position where that was found.
  private var failure: (error: any Error, position: Position)?
  private let skipBadLines: Bool
  /// The skipped lines that are not documents.
  package private(set) var skippedLines: SkippedLines

  /// How long a pipe's writer may take to fill a window that already contains a document.
  private static let patience = Duration.milliseconds(20)
  private static let windowBytes = 8 << 20

  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - format: nil means the format according to the name.
  ///   - dialect: the dialect of a table; the reader detects parts that are nil.
  ///   - skipBadLines: whether to count and skip lines that are not documents.
  ///   - position: where to continue, a ``position`` of the same file.
  /// - Throws: ``InputError``.
  package init(
    path: String, format: Format? = nil, dialect: CSVDialect = CSVDialect(), skipBadLines: Bool,
    from position: Position = Position()
  ) throws {
    source =
      switch format ?? Format(path: path) {
      case .jsonl: try JSONDocuments(path: path, from: position)
      case .csv: try CSVDocuments(path: path, dialect: dialect, from: position)
      }
    self.skipBadLines = skipBadLines
    skippedLines = position.skippedLines
  }

  /// Whether a regular file is compressed with gzip.
  /// - Throws: ``InputError``.
  package static func isCompressed(path: String) throws -> Bool {
    try InputBytes.isCompressed(path: path)
  }

  /// The input's name in errors.
  package var name: String { source.bytes.name }
  /// Whether the input can be read again, and from a ``position``: false for a pipe, terminal or device.
  var isRegularFile: Bool { source.bytes.isRegularFile }
  /// The stored size of a file in bytes; nil if unknown.
  package var totalBytes: Int? { source.bytes.totalBytes }
  /// The number of bytes read of the input as it is stored.
  package var bytesRead: Int { source.bytes.bytesRead }

  /// The position after the last document; if a bad line ended the reading, the position before that line.
  package var position: Position {
    if let failure { return failure.position }
    var position = Position()
    (position.offset, position.line) = (source.offset, source.linesRead)
    (position.skippedLines, position.dialect) = (skippedLines, source.dialect)
    return position
  }

  /// The next document; nil at the end of the input.
  /// - Throws: ``InputError`` with the file, the line and the reason, unless bad lines are skipped.
  package mutating func next() throws -> InputDocument? {
    if case .here(let document) = try next(until: nil) { document } else { nil }
  }

  /// Up to `count` documents, with no more text than a window's bytes (a single document may exceed them); empty at the
  /// end of the input.
  ///
  /// If a pipe or a terminal has no more bytes at the moment, the function returns the complete documents without
  /// waiting for others. If the next line is not a document, the function returns the documents before it, and the next
  /// call throws.
  package mutating func next(upTo count: Int) throws -> [InputDocument] {
    var documents: [InputDocument] = []
    let begin = source.offset
    var deadline: ContinuousClock.Instant?
    while documents.count < count, source.offset - begin < Self.windowBytes {
      do {
        guard case .here(let document) = try next(until: deadline) else { break }
        documents.append(document)
      } catch {
        guard !documents.isEmpty else { throw error }
        break
      }
      if deadline == nil, !isRegularFile { deadline = .now + Self.patience }
    }
    return documents
  }

  private mutating func next(until deadline: ContinuousClock.Instant?) throws -> Arrival<InputDocument> {
    if let failure { throw failure.error }
    let before = position
    do {
      return try read(until: deadline)
    } catch {
      failure = (error, before)
      throw error
    }
  }

  private mutating func read(until deadline: ContinuousClock.Instant?) throws -> Arrival<InputDocument> {
    while true {
      switch try source.next(until: deadline) {
      case .here(.success(let document)): return .here(document)
      case .here(.failure(let bad)):
        guard skipBadLines else { throw InputError("\(name): line \(source.lineNumber): \(bad.reason)") }
        skippedLines.add(source.lineNumber)
      case .notYet: return .notYet
      case .end: return .end
      }
    }
  }
}
