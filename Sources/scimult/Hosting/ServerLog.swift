import Glibc
import Logging
import Telemetry

/// Where all that a serving process says goes: the log to standard error, the `ready` line to standard output. Nobody waits
/// for whoever reads them.
struct ServerLog: Sendable {
  private let format: LogFormat
  private let errors: LineWriter
  private let output: LineWriter

  init(_ format: LogFormat) {
    self.format = format
    Self.keepCrashesFromWaiting()
    errors = LineWriter(STDERR_FILENO) { lines in
      format.line(
        LogRecord(
          level: .warning, label: "scimult", source: "scimult",
          message: "lines were dropped: the log is read too slowly", metadata: { ["lines": "\(lines)"] }))
    }
    output = LineWriter(STDOUT_FILENO) { _ in "" }
  }

  /// A crash is reported on the thread that crashes: into a pipe that nobody reads it would wait for ever. So standard error
  /// does not block, through a description of its own, which nobody else who writes to the pipe notices.
  private static func keepCrashesFromWaiting() {
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return }
    let own = open("/proc/self/fd/\(STDERR_FILENO)", O_WRONLY | O_NONBLOCK | O_CLOEXEC)
    guard own >= 0 else { return }
    dup2(own, STDERR_FILENO)
    close(own)
  }

  /// Makes all loggers of the process write here.
  func bootstrap(level: Logger.Level) {
    LoggingSystem.bootstrap { label in
      var handler = ServerLogHandler(label: label, log: self)
      handler.logLevel = level
      return handler
    }
  }

  /// Lines of the log that were ever dropped.
  var lostLines: Int { errors.lostLines }

  @Sendable func add(_ record: LogRecord) {
    errors.write { [format] in format.line(record) }
  }

  /// Says something on standard error, in the log's order, that is no line of it.
  func say(_ text: String) {
    errors.write { text }
  }

  /// Says something on standard output.
  func announce(_ text: String) {
    output.write { text }
  }

  /// Waits a moment for what has been said to be read.
  func flush() {
    output.flush()
    errors.flush()
  }
}

/// Hands what loggers log to the server's log.
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
      LogRecord(
        level: event.level, label: label, source: event.source, message: event.message.description
      ) { [fields] in fields })
  }
}
