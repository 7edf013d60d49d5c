import Glibc
import Logging

/// A line of the log, before it is formatted.
public struct LogRecord: Sendable {
  /// Seconds since 1970.
  public let seconds = time(nil)
  public let level: Logger.Level
  /// The logger's name.
  public let label: String
  /// The module that logs.
  public let source: String
  public let message: String
  /// Creates the fields, only when the line is formatted.
  public let metadata: @Sendable () -> Logger.Metadata

  public init(
    level: Logger.Level, label: String, source: String, message: String,
    metadata: @escaping @Sendable () -> Logger.Metadata
  ) {
    self.level = level
    self.label = label
    self.source = source
    self.message = message
    self.metadata = metadata
  }
}
