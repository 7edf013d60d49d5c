import Foundation
import Testing

@testable import Tokenizer

/// The table in docs/models.md describes how the readers treat the tokenizer's files.
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

  /// The keys of a file with a verdict, in the table.
  private static func keys(of file: String, _ verdict: String) throws -> Set<String> {
    Set(try documented().filter { $0.file == file && $0.verdict == verdict }.map(\.key))
  }

  @Test func everyRefusedKeyIsInTheTableAndNoOther() throws {
    let documented = try Self.keys(of: TokenizerConfigFile.name, "refused")
    #expect(documented == Set(RefusedTokenizerKeys.all.map(\.name)))
  }

  @Test(arguments: [TokenizerConfigFile.name, SpecialTokensMapFile.name])
  func everySpecialTokenIsInTheTable(file: String) throws {
    #expect(try Self.keys(of: file, "honoured").isSuperset(of: SpecialTokens.keys))
  }
}
