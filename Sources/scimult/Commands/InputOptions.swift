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

extension SkippedLines {
  /// Says on standard error how many there are in a file, and which, where there are any.
  func report(of name: String) {
    guard count > 0 else { return }
    let list = first.map(String.init).joined(separator: ", ") + (count > first.count ? ", …" : "")
    Console.error("scimult: \(name): \(count) bad \(count == 1 ? "line" : "lines") skipped: \(list)\n")
  }
}
