import TestSupport
import Testing

@testable import DocumentFiles

/// Records of CSV files, regardless of the boundaries of the file's chunks.
@Suite struct CSVReaderTests {
  private static func records(_ text: String, _ dialect: CSVDialect = CSVDialect()) throws -> [[String]] {
    let folder = try TemporaryFolder()
    var reader = try CSVReader(path: folder.write("in.csv", text), dialect: dialect)
    var records: [[String]] = []
    while let record = try reader.nextRecord() { records.append(record) }
    #expect(reader.offset == text.utf8.count)
    return records
  }

  @Test(
    arguments: [
      ("", []), ("\n", []), ("\r\n\r\n", []), (" \t \n", []), ("a", [["a"]]), ("a,b\n", [["a", "b"]]),
      ("a,b\r\n", [["a", "b"]]), (",\n", [["", ""]]), ("a,\nb,", [["a", ""], ["b", ""]]), ("\"\"\n", [[""]]),
      ("\"a,b\",c\n", [["a,b", "c"]]), ("\"a\"\"b\"\"\"\n", [["a\"b\""]]),
      ("\"a\r\nb\n\"\r\nc\n", [["a\r\nb\n"], ["c"]]), ("a\rb\n", [["a\rb"]]), ("a \" b", [["a \" b"]]),
      ("a\"\"b\"\n", [["a\"\"b\""]]), ("\"a\"", [["a"]]), ("\"a\",\"\"\"\"\r\n", [["a", "\""]]),
      ("\"a\"b,c\nd\n", [["bad", "text behind a closing quote"], ["d"]]), ("a\r", [["a"]]), ("\"a\"\r\n", [["a"]]),
      ("\"a\"\r", [["a"]]), ("\"a\"\r\r\n", [["a"]]),
      ("\"a\"\rb\nc\n", [["bad", "text behind a closing quote"], ["c"]]),
      ("\"a\"\r\"b\"\n", [["bad", "text behind a closing quote"]]), ("日本,é\n", [["日本", "é"]]),
      ("a, \"b, c\"\nd\n", [["bad", "a blank before a quote"], ["d"]]), (" a,b \n", [[" a", "b "]]),
      ("\"\"\"a\n", nil), ("a\n\"b\nc", nil),
    ] as [(String, [[String]]?)])
  func readsWhatRFC4180Says(text: String, expected: [[String]]?) throws {
    if let expected {
      #expect(try Self.records(text) == expected)
    } else {
      #expect(throws: InputError.self) { try Self.records(text) }
    }
  }

  @Test func aQuoteThatIsNotClosedIsNoRecordToPassOver() throws {
    let failure = try #require(throws: InputError.self) { try Self.records("a\n\"b\nc\n") }
    #expect(failure.description.hasSuffix("line 2: a quote is not closed up to the file's end"))
    let hinted = try #require(throws: InputError.self) {
      try Self.records("a\n\"2\\\"\",b\n", CSVDialect(quotes: .doubled))
    }
    #expect(hinted.description.hasSuffix("one follows a backslash: --csv-quotes backslash reads it as a quote"))
  }

  @Test(
    arguments: [
      ("a,b\n", .comma), ("a;b\n", .semicolon), ("a\tb\n", .tab), ("a\n1,2\n", .comma), ("a;b,c;d\n", .semicolon),
      ("\"a,b,c\";d\n", .semicolon), ("\"a\"\",b,c\";d", .semicolon), ("\"a\n,,,\";b\n", .semicolon),
      ("\n \t\t\t\na,b\n", .comma), ("a \"b;c;d\",e\n", .semicolon), ("a\tb;c,d\n", .comma), ("", .comma),
    ] as [(String, CSVDelimiter)])
  func theDelimiterIsTheHeaders(text: String, delimiter: CSVDelimiter) {
    #expect(CSVDelimiter.found(inHeader: Array(text.utf8).span, isWhole: true) == delimiter)
  }

  @Test func theHeaderOfAPipeIsAwaited() {
    #expect(CSVDelimiter.found(inHeader: Array("a;b".utf8).span, isWhole: false) == nil)
    #expect(CSVDelimiter.found(inHeader: Array("\n\n".utf8).span, isWhole: false) == nil)
  }

  /// Neither data after the first MiB nor records that were already read affect the detection of the quoting.
  @Test func theBeginningTellsTheWayOfQuoting() throws {
    let good = "\"a\"\n"
    let far = String(repeating: good, count: (1 << 20) / good.utf8.count)
    let backslash = "\"a \\\"b\\\"\"\n"
    #expect(try Self.records("t\n" + backslash)[1] == ["a \"b\""])
    #expect(try Self.records("t\n" + far.dropLast(400) + backslash).last == ["a \"b\""])
    #expect(try Self.records("t\n" + far + backslash).last?.first == "bad")
    #expect(try Self.records("t\n\"a\" x\n" + backslash).last?.first == "bad", "a row that is bad both ways")
    #expect(try Self.records("t\n" + backslash + "\"a\" x\n")[1].first == "bad")
    #expect(try Self.records("t,u\n\"12\\\"\",\"y\"\n")[1] == ["12\"", "y"], "a quote before the one that is bad")
    #expect(try Self.records("t,u\n\"12\\\"\",y\n")[1] == ["12\"", "y"], "a record without end")
    #expect(try Self.records("t\n\"\\\\\"\n" + backslash)[1] == ["\\"], "a row before the one that tells")
    #expect(try Self.records("t\n\"\\\\\"\n\"\\\"\n")[1] == ["\\\\"])
  }

  @Test func aRecordOfACertainLengthIsNone() throws {
    let folder = try TemporaryFolder()
    let text = "text\n\"" + String(repeating: "a\n", count: 33 << 20) + "\"\n"
    let path = try folder.write("in.csv", text)
    let failure = try #require(throws: InputError.self) { try DocumentFile(path: path, skipBadLines: true).readAll() }
    #expect(failure.description == "\(path): line 2: a record is longer than 64 MiB")
  }

  /// Texts survive a round trip in every dialect, given or detected, and reading can resume at each record.
  @Test(arguments: CSVDelimiter.allCases, CSVQuotes.allCases)
  func recordsSurviveARoundTrip(delimiter: CSVDelimiter, quotes: CSVQuotes) throws {
    for seed in 0..<10 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let alphabet = Array("ab,;\t\"\n\r\\ é日")
      // The first row can be read with only this kind of quoting.
      let rows =
        [["title", "abstract", "id"], ["a \"b\" c", "", ""]]
        + (0..<300).map { _ in
          (0..<3).map { _ in
            let length = generator.happens(0.01) ? 100_000 : Int.random(in: 0...6, using: &generator)
            return String((0..<length).map { _ in alphabet.randomElement(using: &generator)! })
          }
        }
      let text = rows.map { Self.written($0, delimiter, quotes, &generator) }.joined()
      let folder = try TemporaryFolder()
      let path = try folder.write("in.csv", text)
      for dialect in [CSVDialect(), CSVDialect(delimiter: delimiter, quotes: quotes)] {
        var reader = try CSVReader(path: path, dialect: dialect)
        for (number, row) in rows.enumerated() {
          #expect(try reader.nextRecord() == row)
          guard number % 37 == 1, number + 1 < rows.count else { continue }
          var later = try CSVReader(path: path, dialect: reader.dialect, from: reader.offset, line: reader.linesRead)
          #expect(try later.nextRecord() == rows[number + 1])
          #expect(later.lineNumber == reader.linesRead + 1)
        }
        #expect(try reader.nextRecord() == nil)
        #expect(reader.linesRead == text.utf8.count { $0 == UInt8(ascii: "\n") })
      }
    }
  }

  private static func written(
    _ row: [String], _ delimiter: CSVDelimiter, _ quotes: CSVQuotes, _ generator: inout SeededGenerator
  ) -> String {
    let fields = row.map { value in
      switch quotes {
      case .doubled: "\"" + value.replacing("\"", with: "\"\"") + "\""
      case .backslash: "\"" + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
      }
    }
    return fields.joined(separator: String(delimiter.character)) + (generator.happens(0.5) ? "\n" : "\r\n")
  }
}
