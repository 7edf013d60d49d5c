/// A file of documents, or standard input, read as they are needed.
package struct DocumentFile {
  /// The forms of a file, each also compressed by gzip.
  package enum Format: String, CaseIterable, Codable, Sendable {
    /// A JSON object a line.
    case jsonl
    /// Values in rows, whose first names the columns.
    case csv

    /// The form that a file's name tells; JSON lines where it tells none.
    package init(path: String) {
      let name = Self.uncompressed(path)
      self = [".csv", ".tsv"].contains(where: name.hasSuffix) ? .csv : .jsonl
    }

    /// In lower case, without what gzip adds to it.
    static func uncompressed(_ path: String) -> String {
      let name = path.lowercased()
      return name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    }
  }

  /// How far a file is read.
  package struct Position: Codable, Equatable, Sendable {
    /// Bytes before the next document, decompressed.
    package var offset = 0
    /// Lines that were read.
    package var line = 0
    /// What was passed over before it.
    package var skippedLines = SkippedLines()
    /// What was found out of a table; nil of other files.
    package var dialect: CSVDialect?

    /// The beginning of a file.
    package init() {}
  }

  private var source: any DocumentSource
  /// Why it cannot be read on, and where that was found.
  private var failure: (error: any Error, position: Position)?
  private let skipBadLines: Bool
  /// What was no document, and was passed over.
  package private(set) var skippedLines: SkippedLines

  /// What a pipe's writer may take to fill a window in which there is a document already.
  private static let patience = Duration.milliseconds(20)
  private static let windowBytes = 8 << 20

  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - format: what its name tells, where none is given.
  ///   - dialect: of a table; what is nil is found out.
  ///   - skipBadLines: what is no document is counted and passed over.
  ///   - position: where to go on, as ``position`` told it of the same file.
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

  /// Whether a regular file is what gzip makes.
  /// - Throws: ``InputError``.
  package static func isCompressed(path: String) throws -> Bool {
    try InputBytes.isCompressed(path: path)
  }

  /// What errors call the input.
  package var name: String { source.bytes.name }
  /// Whether it can be read again, and from a ``position``: no pipe, terminal or device.
  var isRegularFile: Bool { source.bytes.isRegularFile }
  /// The size of a file as it is stored, in bytes; nil where it cannot be known.
  package var totalBytes: Int? { source.bytes.totalBytes }
  /// Of the input as it is stored.
  package var bytesRead: Int { source.bytes.bytesRead }

  /// Behind the last document; before what is none, where that ended the reading.
  package var position: Position {
    if let failure { return failure.position }
    var position = Position()
    (position.offset, position.line) = (source.offset, source.linesRead)
    (position.skippedLines, position.dialect) = (skippedLines, source.dialect)
    return position
  }

  /// The next document; nil at the end of the input.
  /// - Throws: ``InputError`` naming the file, the line and the reason, unless bad lines are skipped.
  package mutating func next() throws -> InputDocument? {
    if case .here(let document) = try next(until: nil) { document } else { nil }
  }

  /// Up to `count` documents, and no more than a window's bytes of text, one document aside; none at the end of the
  /// input.
  ///
  /// Where a pipe or a terminal has no more at the moment, those that are complete are given without waiting for
  /// others. Where what follows is no document, those before it are given, and the next call throws.
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
