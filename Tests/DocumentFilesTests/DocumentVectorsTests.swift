import Foundation
import JSON
import Messages
import TestSupport
import Testing

@testable import DocumentFiles

/// The files in `Tests/Documents`, which the clients' readers must read in the same way.
@Suite struct DocumentVectorsTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    let name: String
    let file: String
    let bytes: [UInt8]
    let format: DocumentFile.Format?
    let dialect: CSVDialect
    let rows: [JSONValue]?
    let error: JSONValue?
    /// nil if invalid lines are not skipped.
    let skipped: [Int]?

    var testDescription: String { name }

    init(_ value: JSONValue) throws {
      name = try #require(value["name"]?.string)
      file = try #require(value["file"]?.string)
      bytes =
        if let text = value["bytes"]?.string {
          Array(text.utf8)
        } else {
          Array(try #require(value["base64"]?.string.flatMap { Data(base64Encoded: $0) }))
        }
      let options = value["options"]
      format = options?["format"]?.string.flatMap(DocumentFile.Format.init)
      dialect = CSVDialect(
        delimiter: try options?["delimiter"]?.string.map { name in try #require(CSVDelimiter(named: name)) },
        quotes: try options?["quotes"]?.string.map { name in try #require(CSVQuotes(rawValue: name)) })
      rows = value["rows"]?.array
      error = value["error"]
      skipped = value["skipped"]?.array?.compactMap(\.number?.integer)
    }
  }

  static let vectors = Result { () throws -> [Vector] in
    let bytes = try Data(contentsOf: URL(filePath: Fixtures.root + "/Documents/vectors.json"))
    let value = try JSONReader(.strict).read([UInt8](bytes))
    return try #require(value["vectors"]?.array).map(Vector.init)
  }

  @Test func thereAreVectors() throws {
    #expect(try Self.vectors.get().count > 200)
  }

  @Test(arguments: (try? vectors.get()) ?? [])
  func documentsEqualTheVectors(vector: Vector) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(vector.file, bytes: vector.bytes)
    var documents: [InputDocument] = []
    var skipped: SkippedLines?
    do {
      var file = try DocumentFile(
        path: path, format: vector.format, dialect: vector.dialect, skipBadLines: vector.skipped != nil)
      while let document = try file.next() { documents.append(document) }
      skipped = file.skippedLines
      #expect(vector.error == nil, "no error")
    } catch {
      let line = vector.error?["line"]?.number?.integer.map { ": line \($0): " } ?? ": "
      #expect("\(error)".hasPrefix(path + line), "\(error)")
      let reason = try #require(vector.error?["reason"]?.string, "\(error)")
      #expect("\(error)".contains(reason))
    }
    if let rows = vector.rows {
      #expect(documents.map(Self.row) == rows.map(Self.expectedRow))
      if let expected = vector.skipped { #expect(skipped?.first == expected) }
    }
  }

  private static func row(_ document: InputDocument) -> [String] {
    switch document.content {
    case .text(let text): [document.id.text, text]
    case .paper(let title, let abstract): [document.id.text, title, abstract]
    }
  }

  private static func expectedRow(_ row: JSONValue) -> [String] {
    let id = row["id_text"]?.string ?? row["id"]?.text ?? "no id"
    return [id] + ["title", "abstract", "text"].compactMap { row[$0]?.string }
  }
}
