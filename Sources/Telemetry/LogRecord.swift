import Glibc
import Logging

/// A line of the log, before it has a form.
public struct LogRecord: Sendable {
  /// Since 1970.
  public let seconds = time(nil)
  public let level: Logger.Level
  /// The logger's name.
  public let label: String
  /// The module that logs.
  public let source: String
  public let message: String
  /// Makes the fields: as late as the line is made.
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
