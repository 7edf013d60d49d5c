import Glibc
import JSON
import Logging
import Telemetry

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The formats of the server's log.
enum LogFormat: String, CaseIterable {
  /// `2026-11-27T09:00:00+0000 info scimult: key=value … [module] message`, as in swift-log's own handler.
  case text
  /// One JSON object per line: time, level, message, and the metadata as separate fields, with numbers as numbers.
  case json

  /// The line of a record, with its newline.
  func line(_ record: LogRecord) -> String {
    switch self {
    case .text: Self.text(record)
    case .json: Self.json(record)
    }
  }

  private static func text(_ record: LogRecord) -> String {
    let fields = record.metadata().sorted { $0.key < $1.key }.map { " \($0)=\($1)" }.joined()
    let message = "\(record.label):\(fields) [\(record.source)] \(record.message)"
    let line = message.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: " ")
    return "\(localTime(record.seconds)) \(record.level) \(line)\n"
  }

  private static func localTime(_ seconds: time_t) -> String {
    var (seconds, parts) = (seconds, tm())
    localtime_r(&seconds, &parts)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
      strftime(text.baseAddress!, text.count, "%Y-%m-%dT%H:%M:%S%z", &parts) > 0
        ? String(cString: text.baseAddress!) : "-"
    }
  }

  private static func json(_ record: LogRecord) -> String {
    var fields = record.metadata().mapValues(value)
    fields["time"] = .string(Date(timeIntervalSince1970: Double(record.seconds)).formatted(.iso8601))
    fields["level"] = .string(record.level.rawValue)
    fields["message"] = .string(record.message)
    let members = fields.sorted { $0.key < $1.key }.map { JSONObject.Member(name: $0.key, value: $0.value) }
    return JSONValue.object(JSONObject(members)).text + "\n"
  }

  private static func value(_ metadata: Logger.Metadata.Value) -> JSONValue {
    guard case .stringConvertible(let value) = metadata else { return .string(metadata.description) }
    if let number = value as? Int { return .number(JSONNumber(number)) }
    if let number = value as? Double, number.isFinite { return .number(JSONNumber(number)) }
    return .string(value.description)
  }
}
