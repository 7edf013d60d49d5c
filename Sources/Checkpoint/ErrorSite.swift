/// The place that an error will name: a file and, inside it, an entry.
struct ErrorSite: Sendable {
  let file: String
  let entry: String?

  init(file: String, entry: String? = nil) {
    self.file = file
    self.entry = entry
  }

  func error(_ reason: String) -> ModelError {
    ModelError(file: file, entry: entry, reason: reason)
  }

  /// The same file, another entry.
  func at(_ entry: String) -> ErrorSite {
    ErrorSite(file: file, entry: entry)
  }
}
