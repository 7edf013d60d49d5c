@testable import DocumentFiles

extension Arrival {
  /// nil at the end.
  var value: Value? {
    if case .here(let value) = self { value } else { nil }
  }
}

extension LineReader {
  /// nil at the end.
  mutating func nextLine() throws -> String? {
    try next().value.map { String(decoding: $0, as: UTF8.self) }
  }
}

extension CSVReader {
  /// The values of the next record, or "bad" and the reason; nil at the end.
  mutating func nextRecord() throws -> [String]? {
    switch try next().value {
    case .fields(let record): record.fields.indices.map(record.value)
    case .bad(let reason): ["bad", reason]
    case nil: nil
    }
  }
}

extension DocumentFile {
  consuming func readAll() throws -> [InputDocument] {
    try next(upTo: .max)
  }
}
