import JSON
import Logging

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The forms of the server's log.
enum LogFormat: String, CaseIterable {
  case text, json

  /// Makes all loggers write to standard error in this form.
  func bootstrap(level: Logger.Level) {
    LoggingSystem.bootstrap { label in
      var handler: any LogHandler =
        switch self {
        case .text: StreamLogHandler.standardError(label: label)
        case .json: JSONLogHandler()
        }
      handler.logLevel = level
      return handler
    }
  }
}

/// One JSON object a line: time, level, message, and the metadata as fields of its own, numbers as numbers.
struct JSONLogHandler: LogHandler {
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues(Self.value)
    fields["time"] = .string(Date.now.formatted(.iso8601))
    fields["level"] = .string(event.level.rawValue)
    fields["message"] = .string(event.message.description)
    let members = fields.sorted { $0.key < $1.key }.map { JSONObject.Member(name: $0.key, value: $0.value) }
    Console.error(JSONValue.object(JSONObject(members)).text + "\n")
  }

  private static func value(_ metadata: Logger.Metadata.Value) -> JSONValue {
    guard case .stringConvertible(let value) = metadata else { return .string(metadata.description) }
    if let number = value as? Int { return .number(JSONNumber(number)) }
    if let number = value as? Double, number.isFinite { return .number(JSONNumber(number)) }
    return .string(value.description)
  }
}
