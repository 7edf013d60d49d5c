import JSON

/// The forms in which `scimult encode` writes embeddings.
final class EmbeddingWriter {
  private enum Form {
    case jsonLines(OutputFile)
    case numpy(NumpyFile)
  }

  private let form: Form
  /// That the file has, as far as it is written.
  private(set) var rows: Int

  /// Chooses by the name's ending; `-` is JSON lines.
  convenience init(path: String, dimensions: Int) throws {
    try self.init(OutputFile(path: path), path: path, dimensions: dimensions, rows: 0)
  }

  /// Goes on with what the journal tells of.
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

  /// Bytes that the file has, as far as it is written.
  var count: Int { file.count }

  /// Puts all that was written on the disk.
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

  /// Writes what only the whole file tells.
  func complete() throws {
    switch form {
    case .jsonLines: break
    case .numpy(let file): try file.complete()
    }
  }

  /// Puts the file in its place.
  func finish() throws {
    switch form {
    case .jsonLines(let file): try file.finish()
    case .numpy(let file): try file.finish()
    }
  }
}
