/// Documents of comma-separated values, whose first record names the columns: `title` and perhaps `abstract`, or `text`,
/// and perhaps `id`; other columns are ignored.
struct CSVDocuments: DocumentSource {
  private var reader: CSVReader
  private let columns: Columns

  init(path: String, from position: DocumentFile.Position) throws {
    reader = try CSVReader(path: path)
    columns = try Columns(header: try reader.next(), of: reader.bytes.name)
    if position.offset > 0 {
      reader = try CSVReader(path: path, from: position.offset, line: position.line)
    }
  }

  var bytes: InputBytes { reader.bytes }
  var offset: Int { reader.offset }
  var lineNumber: Int { reader.lineNumber }

  mutating func next() throws -> Result<InputDocument, BadRecord>? {
    switch try reader.next() {
    case .fields(let fields): Result { () throws(BadRecord) in try columns.document(fields, line: reader.lineNumber) }
    case .bad(let reason): .failure(BadRecord(reason: reason))
    case nil: nil
    }
  }
}

/// Where a file's documents have their parts.
private struct Columns {
  private enum Content {
    case text(Int)
    case paper(title: Int, abstract: Int?)
  }

  private let count: Int
  private let id: Int?
  private let content: Content

  init(header: CSVReader.Record?, of name: String) throws {
    guard case .fields(let fields) = header else {
      throw InputError(
        "\(name): line 1: no header: its first record must name columns, \"title\" or \"text\" among them")
    }
    var places: [String: Int] = [:]
    for (place, field) in fields.enumerated() {
      let column = Self.name(place == 0 ? Self.withoutMark(field) : field)
      guard places.updateValue(place, forKey: column) == nil || column.isEmpty else {
        throw InputError("\(name): line 1: there are two columns \"\(column)\"")
      }
    }
    count = fields.count
    id = places["id"]
    switch (places["title"], places["text"]) {
    case (let title?, nil): content = .paper(title: title, abstract: places["abstract"])
    case (nil, let text?): content = .text(text)
    case (nil, nil): throw InputError("\(name): line 1: the header has neither a column \"title\" nor \"text\"")
    case (_?, _?): throw InputError("\(name): line 1: the header has \"title\" and \"text\"; one of them is needed")
    }
  }

  func document(_ fields: [[UInt8]], line: Int) throws(BadRecord) -> InputDocument {
    guard fields.count == count else {
      throw BadRecord(reason: "\(fields.count) fields, where the header has \(count)")
    }
    func text(_ place: Int) throws(BadRecord) -> String {
      guard let text = String(validating: fields[place], as: UTF8.self) else {
        throw BadRecord(reason: "field \(place + 1) is not UTF-8")
      }
      return text
    }
    let id = try self.id.map { (place) throws(BadRecord) in try text(place) } ?? ""
    let name = id.isEmpty ? JSONValue.null : .string(id)
    switch content {
    case .text(let place): return InputDocument(id: name, content: .text(try text(place)), line: line)
    case .paper(let title, let abstract):
      let abstract = try abstract.map { (place) throws(BadRecord) in try text(place) } ?? ""
      return InputDocument(id: name, content: .paper(title: try text(title), abstract: abstract), line: line)
    }
  }

  private static func name(_ field: [UInt8]) -> String {
    String(decoding: field, as: UTF8.self).lowercased().filter { !$0.isWhitespace }
  }

  /// Without the byte order mark that spreadsheets put before UTF-8.
  private static func withoutMark(_ field: [UInt8]) -> [UInt8] {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    return field.starts(with: mark) ? Array(field.dropFirst(mark.count)) : field
  }
}
