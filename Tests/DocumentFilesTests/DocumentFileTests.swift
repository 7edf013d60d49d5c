import Glibc
import JSON
import Messages
import TestSupport
import Testing

@testable import DocumentFiles

/// Documents of a file, one by one and in windows.
@Suite struct DocumentFileTests {
  @Test func badLinesMayBeSkippedAndListed() throws {
    let folder = try TemporaryFolder()
    let text = "nonsense\n{\"text\": \"a\"}\n\n{\"text\": \"b\"}\n{}"
    var file = try DocumentFile(path: folder.write("in.jsonl", text), skipBadLines: true)
    #expect(try file.next(upTo: 10).map(\.content) == [.text("a"), .text("b")])
    #expect(file.skippedLines.first == [1, 5])
  }

  @Test func theFirstSkippedLinesAreListedAndAllAreCounted() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("in.jsonl", String(repeating: "{}\n", count: 50))
    var file = try DocumentFile(path: path, skipBadLines: true)
    #expect(try file.next() == nil)
    #expect(file.skippedLines.count == 50)
    #expect(file.skippedLines.first == Array(1...20))
  }

  @Test(arguments: [("in.jsonl", "{\"text\": \"\"}\n", "bad\n", 3), ("in.csv", "text\na\n", "b,c\n", 4)])
  func documentsBeforeABadLineAreReturned(name: String, good: String, bad: String, line: Int) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(name, good + "\n" + bad + good)
    var file = try DocumentFile(path: path, skipBadLines: false)
    #expect(try file.next(upTo: 10).count == 1)
    for _ in 0..<2 {
      let failure = try #require(throws: InputError.self) { try file.next(upTo: 10) }
      #expect(failure.description.hasPrefix("\(path): line \(line): "))
      #expect(file.position.offset == good.utf8.count)
    }
    #expect(throws: InputError.self) { try file.next() }
    var later = try DocumentFile(path: path, skipBadLines: true, from: file.position)
    #expect(try later.next(upTo: 10).isEmpty == false)
    #expect(later.skippedLines.first == [line])
  }

  @Test func linesThatWereSkippedBeforeTheEndAreCountedOnce() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("in.csv", "text\na\nb,c\n\"d\n")
    var file = try DocumentFile(path: path, skipBadLines: true)
    #expect(try file.next(upTo: 10).count == 1)
    #expect(throws: InputError.self) { try file.next(upTo: 10) }
    _ = try folder.write("in.csv", "text\na\nb,c\n\"d\"\n")
    var mended = try DocumentFile(path: path, skipBadLines: true, from: file.position)
    #expect(try mended.next(upTo: 10).map(\.content) == [.text("d")])
    #expect(mended.skippedLines.first == [3])
  }

  @Test func documentsComeInWindows() throws {
    let folder = try TemporaryFolder()
    let text = (0..<5).map { "{\"id\": \($0), \"text\": \"\"}" }.joined(separator: "\n")
    var file = try DocumentFile(path: folder.write("in.jsonl", text), skipBadLines: false)
    #expect(try file.next(upTo: 2).map(\.id.text) == ["0", "1"])
    #expect(try file.next(upTo: 2).map(\.id.text) == ["2", "3"])
    #expect(try file.next(upTo: 2).map(\.id.text) == ["4"])
    #expect(try file.next(upTo: 2).isEmpty)
  }

  @Test func theLineOfADocumentIsAnEditors() throws {
    let folder = try TemporaryFolder()
    let lines = try folder.write("in.jsonl", "\n{\"text\": \"a\"}\r\n \t\r\n{\"text\": \"b\"}")
    var file = try DocumentFile(path: lines, skipBadLines: false)
    #expect(try file.next(upTo: 10).map(\.line) == [2, 4])
    let table = try folder.write("in.csv", "\ntext\n\"a\n\nb\"\n\nc\n")
    file = try DocumentFile(path: table, skipBadLines: false)
    #expect(try file.next(upTo: 10).map(\.line) == [3, 7])
  }

  @Test func aTableGoesOnAsItWasRead() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("in.csv", "id;text\n1;\"a \\\"b\\\"\"\n2;\"c \\\"d\\\"\"\n")
    var file = try DocumentFile(path: path, skipBadLines: false)
    #expect(try file.next()?.content == .text("a \"b\""))
    let position = file.position
    #expect(position.dialect == CSVDialect(delimiter: .semicolon, quotes: .backslash))
    var later = try DocumentFile(path: path, skipBadLines: false, from: position)
    #expect(try later.next() == file.next())
    for other in [CSVDialect(delimiter: .comma), CSVDialect(quotes: .doubled)] {
      let failure = try #require(throws: InputError.self) {
        _ = try DocumentFile(path: path, dialect: other, skipBadLines: false, from: position)
      }
      #expect(failure.description.hasPrefix("\(path): was read with --csv-"))
    }
  }

  @Test func aRegularFileIsTold() throws {
    let folder = try TemporaryFolder()
    let file = try DocumentFile(path: folder.write("in.jsonl", ""), skipBadLines: false)
    #expect(file.isRegularFile)
    #expect(file.totalBytes == 0)
    let pipe = try DocumentFile(path: "/dev/null", skipBadLines: false)
    #expect(!pipe.isRegularFile)
  }

  /// Documents survive a round trip, and reading can resume after each.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func documentsSurviveARoundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    func text() -> String {
      let scalars = (0..<Int.random(in: 0...12, using: &generator)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 1...(generator.happens(0.7) ? 0x7f : 0x10_ffff), using: &generator))
      }
      return String(String.UnicodeScalarView(scalars))
    }
    let expected = (1...300).map { line in
      InputDocument(
        id: generator.happens(0.3) ? .null : .string(text()),
        content: generator.happens(0.5) ? .text(text()) : .paper(title: text(), abstract: text()), line: line)
    }
    let lines = expected.map { document in
      var members = [
        JSONObject.Member(name: "id", value: document.id), .init(name: "x", value: .array([.string(text())])),
      ]
      switch document.content {
      case .text(let text): members.append(.init(name: "text", value: .string(text)))
      case .paper(let title, let abstract):
        members.append(.init(name: "title", value: .string(title)))
        members.append(.init(name: "abstract", value: .string(abstract)))
      }
      return JSONValue.object(JSONObject(members.shuffled(using: &generator))).text + "\n"
    }
    let folder = try TemporaryFolder()
    let path = try folder.write("in.jsonl", lines.joined())
    var file = try DocumentFile(path: path, skipBadLines: false)
    for (place, document) in expected.enumerated() {
      #expect(try file.next() == document)
      guard place % 37 == 0 else { continue }
      var later = try DocumentFile(path: path, skipBadLines: false, from: file.position)
      #expect(try later.next() == expected[place + 1])
    }
    #expect(try file.next() == nil)
  }
}
