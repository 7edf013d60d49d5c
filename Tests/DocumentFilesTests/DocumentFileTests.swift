import Messages
import TestSupport
import Testing

@testable import DocumentFiles

/// Documents as JSON lines.
@Suite struct DocumentFileTests {
  private static func read(_ text: String, skipBadLines: Bool = false) throws -> [InputDocument] {
    let folder = try TemporaryFolder()
    var lines = try DocumentFile(path: folder.write("in.jsonl", text), skipBadLines: skipBadLines)
    return try lines.next(upTo: .max)
  }

  @Test(
    arguments: [
      (#"{"title": "T", "abstract": "A"}"#, .paper(title: "T", abstract: "A")),
      (#"{"title": "T"}"#, .paper(title: "T", abstract: "")),
      (#"{"title": "T", "abstract": null}"#, .paper(title: "T", abstract: "")),
      (#"{"title": "", "abstract": ""}"#, .paper(title: "", abstract: "")), (#"{"text": "x"}"#, .text("x")),
      (#"{"text": ""}"#, .text("")), (#"{"text": "x", "title": null}"#, .text("x")),
      (#"{"text": "\u00e9\ud83d\ude00\n"}"#, .text("é😀\n")), (#"  {"text" : "x"}  "#, .text("x")),
      (#"{"year": 2020, "authors": [{"a": 1}], "title": "T"}"#, .paper(title: "T", abstract: "")),
    ] as [(String, Document.Content)])
  func aLineIsAPaperOrAText(line: String, content: Document.Content) throws {
    #expect(try Self.read(line).map(\.content) == [content])
  }

  @Test(
    arguments: [
      ("", "empty"), ("{}", "neither"), (#"{"id": 1, "abstract": "A"}"#, "neither"),
      (#"{"title": null, "text": null}"#, "neither"), (#"{"title": "T", "text": "x"}"#, "both"),
      (#"{"title": 1}"#, "\"title\" must be a text"), (#"{"text": ["x"]}"#, "\"text\" must be a text"),
      (#"{"title": "T", "abstract": {}}"#, "\"abstract\" must be a text"), ("[]", "not a JSON object"),
      ("\"x\"", "not a JSON object"), ("{\"text\": \"x\"", "not valid JSON"), ("{'text': 'x'}", "not valid JSON"),
      ("{\"text\": \"x\"} {}", "not valid JSON"), ("null", "not a JSON object"),
    ])
  func aBadLineNamesFileLineAndReason(line: String, reason: String) throws {
    let failure = try #require(throws: InputError.self) { try Self.read("{\"text\": \"good\"}\n\(line)\n") }
    #expect(failure.description.contains("in.jsonl: line 2: "))
    #expect(failure.description.contains(reason))
  }

  @Test func aLineThatIsNotUTF8IsBad() throws {
    let folder = try TemporaryFolder()
    let bytes = Array("{\"text\": \"".utf8) + [0xff, 0xfe] + Array("\"}\n".utf8)
    var lines = try DocumentFile(path: folder.write("in.jsonl", bytes: bytes), skipBadLines: false)
    #expect(throws: InputError.self) { try lines.next() }
  }

  @Test func badLinesMayBeSkippedAndCounted() throws {
    let folder = try TemporaryFolder()
    let text = "nonsense\n{\"text\": \"a\"}\n\n{\"text\": \"b\"}\n{}"
    var lines = try DocumentFile(path: folder.write("in.jsonl", text), skipBadLines: true)
    #expect(try lines.next(upTo: 10).map(\.content) == [.text("a"), .text("b")])
    #expect(lines.skippedLines == 3)
  }

  @Test func documentsComeInWindows() throws {
    let folder = try TemporaryFolder()
    let text = (0..<5).map { "{\"id\": \($0), \"text\": \"\"}" }.joined(separator: "\n")
    var lines = try DocumentFile(path: folder.write("in.jsonl", text), skipBadLines: false)
    #expect(try lines.next(upTo: 2).map(\.id) == [.integer(0), .integer(1)])
    #expect(try lines.next(upTo: 2).map(\.id) == [.integer(2), .integer(3)])
    #expect(try lines.next(upTo: 2).map(\.id) == [.integer(4)])
    #expect(try lines.next(upTo: 2).isEmpty)
  }

  @Test(arguments: [(#"{"text": ""}"#, "null"), (#"{"id": null, "text": ""}"#, "null")])
  func aMissingIDIsNull(line: String, id: String) throws {
    #expect(try Self.read(line).map(\.id.text) == [id])
  }
}
