import Foundation
import Testing

@testable import Tokenizer

/// The table in docs/models.md says of the tokenizer's files what ``TokenizerConfigKeys`` says.
@Suite struct DocumentedKeysTests {
  private struct Row: Hashable {
    let file: String
    let key: String
    let verdict: String
  }

  /// Rows of `| file | keys | verdict | note |`.
  private static func documented() throws -> Set<Row> {
    let document = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/models.md")
    let lines = try String(contentsOf: document, encoding: .utf8).split(separator: "\n")
    var rows: Set<Row> = []
    for line in lines where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 4 else { continue }
      for key in cells[1].split(separator: ", ") {
        rows.insert(
          Row(
            file: cells[0].trimmingCharacters(in: ["`"]), key: key.trimmingCharacters(in: ["`"]), verdict: cells[2]))
      }
    }
    return rows
  }

  @Test func `Every key is in the table with its verdict`() throws {
    let known = Set(
      TokenizerConfigKeys.all.map { Row(file: $0.file, key: $0.name, verdict: $0.verdict.rawValue) })
    let documented = try Self.documented()
    #expect(known.subtracting(documented).isEmpty, "not in docs/models.md")
    let files = ["tokenizer_config.json", "special_tokens_map.json"]
    #expect(documented.filter { files.contains($0.file) }.subtracting(known).isEmpty, "in docs/models.md alone")
  }
}
