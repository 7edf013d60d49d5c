import JSONLines

/// The forms in which `scimult encode` writes embeddings.
enum EmbeddingWriter {
  case jsonLines(OutputFile)
  case numpy(NumpyFile)

  /// Chooses by the name's ending; `-` is JSON lines.
  init(path: String, dimensions: Int) throws {
    if path.hasSuffix(".npy") {
      self = .numpy(try NumpyFile(path: path, columns: dimensions))
    } else {
      self = .jsonLines(try OutputFile(path: path))
    }
  }

  func write(id: JSONValue, embedding: [Float], tokens: Int, truncated: Bool) throws {
    switch self {
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
    switch self {
    case .jsonLines(let file): try file.flush()
    case .numpy: break
    }
  }

  func finish() throws {
    switch self {
    case .jsonLines(let file): try file.finish()
    case .numpy(let file): try file.finish()
    }
  }
}

/// A matrix of float32 in NumPy's format 1.0, written row by row; the header takes its number of rows at the end.
final class NumpyFile {
  private let file: OutputFile
  private let columns: Int
  private var rows = 0

  init(path: String, columns: Int) throws {
    file = try OutputFile(path: path)
    self.columns = columns
    try file.write(Self.header(rows: 0, columns: columns))
  }

  func append(_ row: [Float]) throws {
    precondition(row.count == columns)
    rows += 1
    try file.write(row.lazy.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) })
  }

  func finish() throws {
    try file.overwrite(Self.header(rows: rows, columns: columns), at: 0)
    try file.finish()
  }

  /// 128 bytes, whatever the number of rows.
  private static func header(rows: Int, columns: Int) -> [UInt8] {
    let dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    let prefix: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
    let padding = String(repeating: " ", count: 128 - prefix.count - dictionary.utf8.count - 1)
    return prefix + Array((dictionary + padding + "\n").utf8)
  }
}
