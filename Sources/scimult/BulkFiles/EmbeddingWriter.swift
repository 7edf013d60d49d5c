import JSON

/// The formats in which `scimult encode` writes embeddings.
final class EmbeddingWriter {
  private enum Form {
    case jsonLines(OutputFile)
    case numpy(NumpyFile)
  }

  private let form: Form
  /// The number of rows written so far.
  private(set) var rows: Int

  /// Chooses the format by the name's ending; `-` is JSON lines.
  convenience init(path: String, dimensions: Int) throws {
    try self.init(OutputFile(path: path), path: path, dimensions: dimensions, rows: 0)
  }

  /// Continues the output that the journal describes.
  convenience init(path: String, dimensions: Int, after journal: Journal) throws {
    let file = try OutputFile(path: path, keeping: journal.outputBytes)
    try self.init(file, path: path, dimensions: dimensions, rows: journal.rows)
  }

  private init(_ file: OutputFile, path: String, dimensions: Int, rows: Int) throws {
    self.rows = rows
    form = path.hasSuffix(".npy") ? .numpy(try NumpyFile(file, columns: dimensions, rows: rows)) : .jsonLines(file)
  }

  private var file: OutputFile {
    switch form {
    case .jsonLines(let file): file
    case .numpy(let numpy): numpy.file
    }
  }

  /// The number of bytes written so far.
  var count: Int { file.count }

  /// Writes everything so far to disk.
  func sync() throws { try file.sync() }

  func write(id: JSONValue, embedding: [Float], tokens: Int, truncated: Bool) throws {
    rows += 1
    switch form {
    case .jsonLines(let file):
      let values = embedding.map(\.description).joined(separator: ", ")
      let line =
        "{\"id\": \(id.text), \"embedding\": [\(values)], \"tokens\": \(tokens), \"truncated\": \(truncated)}\n"
      try file.write(line.utf8)
    case .numpy(let file):
      try file.append(embedding)
    }
  }

  func flush() throws {
    switch form {
    case .jsonLines(let file): try file.flush()
    case .numpy: break
    }
  }

  /// Writes what is known only when the file is complete.
  func complete() throws {
    switch form {
    case .jsonLines: break
    case .numpy(let file): try file.complete()
    }
  }

  /// Moves the file to its final path.
  func finish() throws {
    switch form {
    case .jsonLines(let file): try file.finish()
    case .numpy(let file): try file.finish()
    }
  }
}
