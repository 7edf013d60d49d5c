@testable import DocumentFiles

extension FuzzTarget {
  /// Tables: every record is a document or a bad one, no byte is lost, reading can begin again behind each, and what is
  /// told of a file's dialect reads it as what was found out.
  static let csv = FuzzTarget(name: "csv") { bytes in
    try withTemporaryFile(bytes) { path in
      guard var reader = try? CSVReader(path: path) else { return }
      let isCompressed = bytes.starts(with: Inflater.magic)
      var records: [[String]] = []
      while let record = try? reader.next(), case .here(let record) = record {
        try promise(isCompressed || reader.offset <= bytes.count, "read up to \(reader.offset)")
        try promise(reader.lineNumber <= reader.linesRead + 1, "line \(reader.lineNumber) of \(reader.linesRead)")
        guard case .fields(let record) = record else { continue }
        let values = record.fields.indices.map(record.value)
        records.append(values)
        guard record.firstInvalidByte == nil, !isCompressed else { continue }
        try promise(values.reduce(0) { $0 + $1.utf8.count } <= bytes.count, "fields longer than the file")
      }
      var again = try CSVReader(path: path, dialect: reader.dialect)
      for values in records {
        var next = try again.next()
        while case .here(.bad) = next { next = try again.next() }
        guard case .here(.fields(let record)) = next else { throw BrokenPromise(description: "\(values) is missing") }
        try promise(record.fields.indices.map(record.value) == values, "\(values) by another dialect")
      }
      try goesOn(path, bytes.count, isCompressed)
    }
  }

  private static func goesOn(_ path: String, _ count: Int, _ isCompressed: Bool) throws {
    guard var documents = try? DocumentFile(path: path, format: .csv, skipBadLines: true) else { return }
    while let document = try? documents.next() {
      let position = documents.position
      guard document.id != .null, !isCompressed, position.offset < count else { continue }
      var later = try DocumentFile(path: path, format: .csv, skipBadLines: true, from: position)
      try promise((try? later.next()) == (try? documents.next()), "another document at \(position)")
      try promise(later.position == documents.position, "\(later.position), not \(documents.position)")
    }
  }
}
