import ArgumentParser
import DocumentFiles
import Messages
import Service
import Transformer

/// `scimult tokenize`: prints what the model reads.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Prints the token ids that the model reads of each document.",
    discussion: """
      \(DocumentHelp.documents)

      A line of output is {"id", "ids", "truncated"}. An instruction model reads another text for each task: name it \
      by --task, or see the text without an instruction.

      \(DocumentHelp.badLines)

      \(DocumentHelp.exitCodes)

      Examples:
        echo '{"title": "Attention Is All You Need"}' | scimult tokenize --model models/scimult
        scimult tokenize --model models/scimult --input papers.jsonl | grep '"truncated": true'
      """)

  @OptionGroup var inputOptions: InputOptions

  @Option(help: ArgumentHelp("The model's folder, or a file that scimult convert made.", valueName: "MODEL"))
  var model: String

  @Option(help: ArgumentHelp("A file of JSON lines or a table; - is standard input.", valueName: "F"))
  var input = "-"

  @Option(help: ArgumentHelp("The task whose instruction an instruction model reads first.", valueName: "T"))
  var task: EncodingTask?

  @Option(help: "The side whose instruction an instruction model reads first: query or candidate.")
  var role = EncodingRole.query

  func validate() throws {
    try inputOptions.validate(for: [input])
  }

  func run() throws {
    try FilesRead(model: model, inputs: [input]).refuse(output: "-")
    let reader = try DocumentReader(path: model)
    if let task, let refusal = reader.refusal(of: task) { throw task.error(refusal) }
    var documents = try inputOptions.open(input)
    let output = try OutputFile(path: "-")
    while true {
      let window = try documents.next(upTo: Self.windowDocuments)
      guard !window.isEmpty else { break }
      for document in window {
        let tokens = reader.tokens(of: document.content, task: task, role: role)
        let ids = tokens.ids.map(\.description).joined(separator: ", ")
        try output.write(
          "{\"id\": \(document.id.text), \"ids\": [\(ids)], \"truncated\": \(tokens.truncated)}\n".utf8)
      }
      // The program that writes the next document may wait for these results.
      try output.flush()
    }
    documents.skippedLines.tell(of: documents.name)
  }

  private static let windowDocuments = 512
}
