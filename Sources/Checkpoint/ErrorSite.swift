/// The place that an error names: a file and an entry in it.
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

  /// Another entry of the same file.
  func at(_ entry: String) -> ErrorSite {
    ErrorSite(file: file, entry: entry)
  }
}
