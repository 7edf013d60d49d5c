import SystemPackage

/// Writes to the standard streams on the caller's thread, which waits for their reader. A server must not wait: it
/// writes through ``ServerLog``.
enum Console {
  static func output(_ text: String) {
    _ = try? FileDescriptor.standardOutput.writeAll(text.utf8)
  }

  static func error(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(text.utf8)
  }
}
