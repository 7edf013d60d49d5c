import ArgumentParser
import Service

/// `scimult inspect`: prints what a model is.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Says what a model is, after every check that serving makes.",
    discussion: """
      Reads the whole model: checksums, shapes, finite weights, vocabulary. A model that cannot be served is refused \
      with one line and exit code 1.

      Examples:
        scimult inspect models/scimult
        scimult inspect models/scimult --json
      """)

  @Argument(help: ArgumentHelp("The model's folder, or a file that scimult convert made.", valueName: "MODEL"))
  var model: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    try FilesRead(model: model).refuse(output: "-")
    let report = ModelReport(try ServedModel(path: model))
    let output = try OutputFile(path: "-")
    try output.write((json ? try report.json() : report.table()).utf8)
    try output.finish()
  }
}
