import Logging
import Telemetry

/// Passes the records of loggers to the server's log.
struct ServerLogHandler: LogHandler {
  let label: String
  let log: ServerLog
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  init(label: String, log: ServerLog) {
    self.label = label
    self.log = log
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = metadata.merging(event.metadata ?? [:]) { $1 }
    if let error = event.error { fields["error"] = "\(error)" }
    log.add(
      LogRecord(level: event.level, label: label, source: event.source, message: event.message.description) {
        [fields] in fields
      })
  }
}
