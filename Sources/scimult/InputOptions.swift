import ArgumentParser
import JSONLines

/// The input of a command: JSON lines of documents.
struct InputOptions: ParsableArguments {
  @Flag(help: "Count and skip lines that are no documents, instead of ending at the first.")
  var skipBadLines = false
}

extension DocumentLines {
  /// Says on standard error how many lines were skipped, where any were.
  func reportSkippedLines() {
    guard skippedLines > 0 else { return }
    Console.error("scimult: \(reader.name): \(skippedLines) bad \(skippedLines == 1 ? "line" : "lines") skipped\n")
  }
}
