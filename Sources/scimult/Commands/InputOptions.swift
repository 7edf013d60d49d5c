import ArgumentParser
import DocumentFiles

/// How a command reads its documents.
struct InputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The input's form: jsonl or csv; what its name tells by default, and jsonl from standard input.",
      discussion: "Either is also read where gzip has compressed it.", valueName: "FORM"))
  var inputFormat: DocumentFile.Format?

  @Flag(help: "Count and skip lines that are no documents, instead of ending at the first.")
  var skipBadLines = false

  func open(_ path: String, from position: DocumentFile.Position = .init()) throws -> DocumentFile {
    try DocumentFile(path: path, format: inputFormat, skipBadLines: skipBadLines, from: position)
  }
}

extension DocumentFile.Format: ExpressibleByArgument {}

extension DocumentFile {
  /// Says on standard error how many lines were skipped, where any were.
  func reportSkippedLines() {
    guard skippedLines > 0 else { return }
    Console.error("scimult: \(name): \(skippedLines) bad \(skippedLines == 1 ? "line" : "lines") skipped\n")
  }
}
