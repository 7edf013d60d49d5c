import Glibc
import Logging
import Telemetry

/// The destination of all output of a serving process: the log goes to standard error, the `ready` line to standard
/// output. Nothing waits for their readers.
struct ServerLog: Sendable {
  private let format: LogFormat
  private let errors: LineWriter
  private let output: LineWriter

  init(_ format: LogFormat) {
    self.format = format
    Self.makeStandardErrorNonblocking()
    errors = LineWriter(STDERR_FILENO) { lines in
      format.line(
        LogRecord(
          level: .warning, label: "scimult", source: "scimult",
          message: "lines were dropped: the log is read too slowly", metadata: { ["lines": "\(lines)"] }))
    }
    output = LineWriter(STDOUT_FILENO) { _ in "" }
  }

  /// The runtime reports a crash on the crashing thread, which would wait for ever for room in a pipe that nobody
  /// reads. The non-blocking flag belongs to the open file description, which other writers of the pipe share, so the
  /// pipe is opened again.
  private static func makeStandardErrorNonblocking() {
    guard FileStatus(descriptor: STDERR_FILENO)?.kind == .pipe else { return }
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

  /// The number of log lines ever dropped.
  var lostLines: Int { errors.lostLines }

  @Sendable func add(_ record: LogRecord) {
    errors.write { [format] in format.line(record) }
  }

  /// Writes text to standard error, in order with the log, that is not a log line.
  func say(_ text: String) {
    errors.write { text }
  }

  /// Writes text to standard output.
  func announce(_ text: String) {
    output.write { text }
  }

  /// Waits a moment for the output to be read.
  func flush() {
    output.flush()
    errors.flush()
  }
}
