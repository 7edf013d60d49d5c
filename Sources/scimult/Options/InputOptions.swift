import ArgumentParser
import DocumentFiles

/// How a command reads its documents.
struct InputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The form of every input: jsonl or csv. By default its name tells it.",
      discussion: """
        A name that ends in .csv or .tsv, or in either and .gz, is a table's; any other, and standard input, is of JSON \
        lines. Whether gzip has compressed an input its first bytes tell.
        """,
      valueName: "FORM"))
  var inputFormat: DocumentFile.Format?

  @Option(
    help: ArgumentHelp(
      "What separates the values of a table: comma, semicolon or tab, or the character itself.",
      discussion: "By default what makes the most columns of the header; a tab where the name ends in .tsv.",
      valueName: "D"))
  var csvDelimiter: CSVDelimiter?

  @Option(
    help: ArgumentHelp(
      #"How a quote is written inside of a value in quotes: doubled ("") or backslash (\")."#,
      discussion: """
        By default doubled; backslash where the first MiB has rows that need it, and all its rows are good by it.
        """,
      valueName: "Q"))
  var csvQuotes: CSVQuotes?

  @Flag(help: "Skip lines that are no documents, instead of ending at the first; at the end say which they were.")
  var skipBadLines = false

  /// Checks the options; each command calls this with all its inputs.
  /// - Throws: `ValidationError` if an option is for tables, and no input is a table.
  func validate(for inputs: [String]) throws {
    guard let option = optionOfTables, inputs.allSatisfy({ format(of: $0) == .jsonl }) else { return }
    let names = inputs.map { $0 == "-" ? "standard input" : $0 }.joined(separator: " and ")
    throw ValidationError(
      "\(option) is for tables, and \(names) \(inputs.count == 1 ? "is" : "are") read as JSON lines: leave it out, or "
        + "give --input-format csv too.")
  }

  func open(_ path: String, from position: DocumentFile.Position = .init()) throws -> DocumentFile {
    try DocumentFile(
      path: path, format: format(of: path), dialect: CSVDialect(delimiter: csvDelimiter, quotes: csvQuotes),
      skipBadLines: skipBadLines, from: position)
  }

  func format(of path: String) -> DocumentFile.Format { inputFormat ?? DocumentFile.Format(path: path) }

  private var optionOfTables: String? {
    csvDelimiter != nil ? "--csv-delimiter" : csvQuotes != nil ? "--csv-quotes" : nil
  }
}

extension DocumentFile.Format: ExpressibleByArgument {}

extension CSVDelimiter: ExpressibleByArgument {
  package init?(argument: String) {
    self.init(named: argument)
  }
}

extension CSVQuotes: ExpressibleByArgument {}
