import JSON

/// The columns of a table that contain the parts of a document.
struct CSVColumns {
  private let count: Int
  /// The columns of ids, by the rank of their names.
  private let ids: [Int]
  private let title: Int?
  private let abstract: Int?
  private let text: Int?

  /// - Parameter header: the column names, in any case; blanks around them are ignored.
  init(_ header: CSVRecord) throws(BadRecord) {
    if let place = header.firstInvalidByte { throw BadRecord(reason: "not UTF-8 at byte \(place)") }
    var places: [String: Int] = [:]
    for place in header.fields.indices {
      let name = Self.withoutBlanksAround(header.value(place)).lowercased()
      guard places.updateValue(place, forKey: name) == nil || name.isEmpty else {
        throw BadRecord(reason: "there are two columns \"\(name)\"")
      }
    }
    count = header.fields.count
    ids = DocumentParts.idNames.compactMap { places[$0.lowercased()] }
    (title, abstract, text) = (places["title"], places["abstract"], places["text"])
    guard title != nil || abstract != nil || text != nil else {
      throw BadRecord(reason: "the header has no column \"title\", \"abstract\" or \"text\"")
    }
  }

  func document(_ record: CSVRecord, line: Int) throws(BadRecord) -> InputDocument {
    guard record.fields.count == count else {
      throw BadRecord(reason: "\(record.fields.count) fields, where the header has \(count)")
    }
    if let place = record.firstInvalidByte { throw BadRecord(reason: "not UTF-8 at byte \(place)") }
    func part(_ place: Int?) -> DocumentParts.Part {
      place.map { .init(withoutNUL: record.value($0)) } ?? .absent
    }
    let parts = DocumentParts(title: part(title), abstract: part(abstract), text: part(text))
    let id = ids.first { !record.fields[$0].range.isEmpty }.map { JSONValue.string(record.value($0)) }
    return InputDocument(id: id ?? .null, content: try parts.content, line: line)
  }

  private static func withoutBlanksAround(_ text: String) -> Substring {
    let trimmed = text.drop(while: \.isWhitespace)
    return trimmed.lastIndex { !$0.isWhitespace }.map { trimmed[...$0] } ?? ""
  }
}
