@testable import DocumentFiles

extension FuzzTarget {
  /// Tables: every record is a document or a bad one, no byte is lost, and reading can begin again behind each.
  static let csv = FuzzTarget(name: "csv") { bytes in
    try withTemporaryFile(bytes) { path in
      guard var reader = try? CSVReader(path: path) else { return }
      let isCompressed = bytes.starts(with: Inflater.magic)
      while let record = try? reader.next() {
        try promise(isCompressed || reader.offset <= bytes.count, "read up to \(reader.offset)")
        guard case .fields(let fields) = record, !isCompressed else { continue }
        try promise(fields.reduce(0) { $0 + $1.count } <= bytes.count, "fields longer than the file")
      }
      guard var documents = try? DocumentFile(path: path, format: .csv, skipBadLines: true) else { return }
      while let document = try? documents.next() {
        let position = documents.position
        guard document.id != .null, !isCompressed, position.offset < bytes.count else { continue }
        var later = try DocumentFile(path: path, format: .csv, skipBadLines: true, from: position)
        try promise((try? later.next()) == (try? documents.next()), "another document at \(position)")
      }
    }
  }
}
