#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Documents of JSON lines: `{"id"?, "title", "abstract"?}` or `{"id"?, "text"}`; other keys are ignored.
struct JSONDocuments: DocumentSource {
  private var reader: LineReader
  private(set) var lineNumber: Int
  private let decoder = JSONDecoder()

  init(path: String, from position: DocumentFile.Position) throws {
    reader = try LineReader(path: path, from: position.offset)
    lineNumber = position.line
  }

  var bytes: InputBytes { reader.bytes }
  var offset: Int { reader.offset }

  mutating func next() throws -> Result<InputDocument, BadRecord>? {
    guard let line = try reader.next() else { return nil }
    lineNumber += 1
    return Result { () throws(BadRecord) in try parse(line) }
  }

  private struct Line: Decodable {
    let id: JSONValue?
    let title: String?
    let abstract: String?
    let text: String?
  }

  private func parse(_ bytes: ArraySlice<UInt8>) throws(BadRecord) -> InputDocument {
    guard !bytes.isEmpty else { throw BadRecord(reason: "the line is empty") }
    let line: Line
    do {
      line = try decoder.decode(Line.self, from: Data(bytes))
    } catch {
      throw BadRecord(reason: Self.explain(error))
    }
    let id = line.id ?? .null
    switch (line.title, line.text) {
    case (let title?, nil):
      return InputDocument(id: id, content: .paper(title: title, abstract: line.abstract ?? ""), line: lineNumber)
    case (nil, let text?): return InputDocument(id: id, content: .text(text), line: lineNumber)
    case (nil, nil): throw BadRecord(reason: "neither \"title\" nor \"text\" is given")
    case (_?, _?): throw BadRecord(reason: "both \"title\" and \"text\" are given; one of them is needed")
    }
  }

  private static func explain(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "not valid JSON" }
    switch error {
    case .dataCorrupted(let context) where context.codingPath.isEmpty: return "not valid JSON"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      switch context.codingPath.first?.stringValue {
      case nil: return "not a JSON object"
      case "id": return "\"id\" is a number that cannot be kept exactly: write it as a text"
      case let key?: return "\"\(key)\" must be a text"
      }
    default: return "not valid JSON"
    }
  }
}
