import TestSupport
import Testing

@testable import DocumentFiles

/// Records of comma-separated values, wherever chunks of the file end.
@Suite struct CSVReaderTests {
  private static func records(_ text: String) throws -> [[String]] {
    let folder = try TemporaryFolder()
    var reader = try CSVReader(path: folder.write("in.csv", text))
    var records: [[String]] = []
    while let record = try reader.next() {
      switch record {
      case .fields(let fields): records.append(fields.map { String(decoding: $0, as: UTF8.self) })
      case .bad(let reason): records.append(["bad", reason])
      }
    }
    #expect(reader.offset == text.utf8.count)
    return records
  }

  @Test(
    arguments: [
      ("", []), ("\n", []), ("\r\n\r\n", []), ("a", [["a"]]), ("a,b\n", [["a", "b"]]), ("a,b\r\n", [["a", "b"]]),
      (",\n", [["", ""]]), ("a,\nb,", [["a", ""], ["b", ""]]), ("\"\"\n", [[""]]), ("\"a,b\",c\n", [["a,b", "c"]]),
      ("\"a\"\"b\"\"\"\n", [["a\"b\""]]), ("\"a\r\nb\n\"\r\nc\n", [["a\r\nb\n"], ["c"]]), ("a\rb\n", [["a\rb"]]),
      ("a \" b", [["bad", "a quote inside of a field that does not begin with one"]]), ("\"a\"", [["a"]]),
      ("\"a\",\"\"\"\"\r\n", [["a", "\""]]), ("\"a\"b,c\nd\n", [["bad", "text behind a closing quote"], ["d"]]),
      ("a\r", [["a"]]), ("\"a\"\r\n", [["a"]]), ("日本,é\n", [["日本", "é"]]),
    ] as [(String, [[String]])])
  func readsWhatRFC4180Says(text: String, expected: [[String]]) throws {
    #expect(try Self.records(text) == expected)
  }

  @Test func aQuoteThatIsNotClosedIsNoRecordToPassOver() throws {
    let failure = try #require(throws: InputError.self) { try Self.records("a\n\"b\nc\n") }
    #expect(failure.description.hasSuffix("line 2: a quote is not closed up to the file's end"))
  }

  /// Any texts come back as they were written, and reading can begin again at each record.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func whatIsWrittenIsRead(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let alphabet = Array("ab,\"\n\r é日")
    let records = (0..<300).map { _ in
      (0..<3).map { _ in
        let length = generator.happens(0.01) ? 100_000 : Int.random(in: 0...6, using: &generator)
        return String((0..<length).map { _ in alphabet.randomElement(using: &generator)! })
      }
    }
    let text = records.map { fields in
      fields.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
        + (generator.happens(0.5) ? "\n" : "\r\n")
    }.joined()
    let folder = try TemporaryFolder()
    let path = try folder.write("in.csv", text)
    var reader = try CSVReader(path: path)
    var places: [(offset: Int, line: Int)] = []
    for record in records {
      places.append((reader.offset, reader.lineNumber))
      #expect(try reader.next() == .fields(record.map { Array($0.utf8) }))
    }
    #expect(try reader.next() == nil)
    for number in stride(from: 1, to: records.count, by: 37) {
      var later = try CSVReader(path: path, from: places[number].offset, line: places[number].line)
      #expect(try later.next() == .fields(records[number].map { Array($0.utf8) }))
    }
  }
}
