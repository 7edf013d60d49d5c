import Logging
import Telemetry
import Testing

@testable import scimult

/// Log formats: a record is one line, regardless of its content.
@Suite struct LogFormatTests {
  private func record(_ message: String, _ metadata: Logger.Metadata = [:]) -> LogRecord {
    LogRecord(level: .warning, label: "scimult", source: "Tests", message: message) { metadata }
  }

  @Test func text() throws {
    let line = LogFormat.text.line(record("all is well", ["b": "2", "a": .stringConvertible(1)]))
    let parts = line.split(separator: " ", maxSplits: 1)
    #expect(parts[0].wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}/#) != nil)
    #expect(parts[1] == "warning scimult: a=1 b=2 [Tests] all is well\n")
  }

  @Test func json() throws {
    let metadata: Logger.Metadata = ["texts": .stringConvertible(3), "ms": .stringConvertible(0.25), "path": "a/b"]
    let line = LogFormat.json.line(record("all is well", metadata))
    let tail = #/,"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"}\n/#
    let head = #"{"level":"warning","message":"all is well","ms":0.25,"path":"a/b","texts":3"#
    #expect(line.hasPrefix(head))
    #expect(line.dropFirst(head.count).wholeMatch(of: tail) != nil)
  }

  @Test(arguments: LogFormat.allCases)
  func aRecordIsOneLine(format: LogFormat) {
    let line = format.line(record("two\nlines\r\nor three", ["key": "and\nmore"]))
    #expect(line.filter(\.isNewline).count == 1)
    #expect(line.last == "\n")
  }
}
