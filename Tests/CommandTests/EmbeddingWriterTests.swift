import Foundation
import TestSupport
import Testing

@testable import scimult

/// The output lines of `scimult encode`.
@Suite struct EmbeddingWriterTests {
  @Test func aLineHoldsIDEmbeddingTokensAndTruncation() throws {
    let folder = try TemporaryFolder()
    let values: [Float] = [0.1, -1, 1e-20, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 16_777_216, 0, 1 / 3]
    let writer = try EmbeddingWriter(path: folder.file("out.jsonl"), dimensions: values.count)
    try writer.write(id: .string("a\"b"), embedding: values, tokens: 12, truncated: true)
    try writer.write(id: .null, embedding: values, tokens: 2, truncated: false)
    try writer.finish()
    let lines = try Fixtures.lines(of: folder.file("out.jsonl"))
    #expect(lines.count == 2)
    struct Line: Decodable {
      let id: String?
      let embedding: [Float]
      let tokens: Int
      let truncated: Bool
    }
    let read = try lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    #expect(read.map(\.id) == ["a\"b", nil])
    #expect(read.allSatisfy { $0.embedding == values }, "each number reads back to the same float")
    #expect(read.map(\.tokens) == [12, 2])
    #expect(read.map(\.truncated) == [true, false])
    #expect(lines[0].contains("[0.1, "), "the shortest decimal")
  }

  @Test func theNameChoosesTheForm() throws {
    let folder = try TemporaryFolder()
    for (name, isNumpy) in [("a.npy", true), ("a.jsonl", false)] {
      let writer = try EmbeddingWriter(path: folder.file(name), dimensions: 1)
      try writer.write(id: .null, embedding: [1], tokens: 2, truncated: false)
      try writer.finish()
      #expect(try Data(contentsOf: URL(filePath: folder.file(name))).starts(with: [0x93]) == isNumpy)
    }
  }
}
