import Messages

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One document of the input.
package struct InputDocument: Sendable {
  /// As the line gives it; null where it gives none.
  package let id: JSONValue
  package let content: Document.Content
}

/// Documents read line by line: `{"id"?, "title", "abstract"?}` or `{"id"?, "text"}`.
package struct DocumentLines {
  package private(set) var reader: LineReader
  private let skipBadLines: Bool
  private var lineNumber = 0
  package private(set) var skippedLines = 0
  private let decoder = JSONDecoder()

  /// - Parameter skipBadLines: lines that are no documents are counted and passed over.
  package init(path: String, skipBadLines: Bool) throws {
    reader = try LineReader(path: path)
    self.skipBadLines = skipBadLines
  }

  /// The next document; nil at the end of the input.
  /// - Throws: ``InputError`` naming the file, the line and the reason, unless bad lines are skipped.
  package mutating func next() throws -> InputDocument? {
    while let line = try reader.next() {
      lineNumber += 1
      do throws(BadLine) {
        return try parse(line)
      } catch {
        guard skipBadLines else { throw InputError("\(reader.name): line \(lineNumber): \(error.reason)") }
        skippedLines += 1
      }
    }
    return nil
  }

  /// Up to `count` documents.
  package mutating func next(upTo count: Int) throws -> [InputDocument] {
    var documents: [InputDocument] = []
    while documents.count < count, let document = try next() { documents.append(document) }
    return documents
  }

  private struct BadLine: Error {
    let reason: String
  }

  private struct Line: Decodable {
    let id: JSONValue?
    let title: String?
    let abstract: String?
    let text: String?
  }

  private func parse(_ bytes: ArraySlice<UInt8>) throws(BadLine) -> InputDocument {
    guard !bytes.isEmpty else { throw BadLine(reason: "the line is empty") }
    let line: Line
    do {
      line = try decoder.decode(Line.self, from: Data(bytes))
    } catch {
      throw BadLine(reason: Self.explain(error))
    }
    let id = line.id ?? .null
    switch (line.title, line.text) {
    case (let title?, nil):
      return InputDocument(id: id, content: .paper(title: title, abstract: line.abstract ?? ""))
    case (nil, let text?): return InputDocument(id: id, content: .text(text))
    case (nil, nil): throw BadLine(reason: "neither \"title\" nor \"text\" is given")
    case (_?, _?): throw BadLine(reason: "both \"title\" and \"text\" are given; one of them is needed")
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
