import Glibc
import Logging
import Telemetry

/// Where all that a serving process says goes: the log to standard error, the `ready` line to standard output. Nobody
/// waits for whoever reads them.
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

  /// The runtime reports a crash on the thread that crashes, which would wait for ever for room in a pipe that nobody
  /// reads. The flag belongs to the open file description, which others who write to the pipe share: so the pipe is
  /// opened anew.
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
