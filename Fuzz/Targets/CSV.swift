@testable import DocumentFiles

extension FuzzTarget {
  /// CSV tables. Each record is either a document or an error. No byte is lost. Reading can resume after any record.
  /// Reading with the detected dialect given explicitly has the same result as detecting it.
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
