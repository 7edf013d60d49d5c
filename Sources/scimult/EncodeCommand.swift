import ArgumentParser
import Batching
import JSONLines
import Messages
import Service
import Transformer

/// `scimult encode`: embeds a file without a server.
struct EncodeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Embeds a file of documents, in the input's order.",
    discussion: """
      A line of input is {"id"?, "title", "abstract"?} or {"id"?, "text"}; other keys are ignored. A line of output \
      is {"id", "embedding", "tokens", "truncated"}; an output whose name ends in .npy is a float32 matrix with a row \
      for each document.

      Examples:
        scimult encode --model models/scimult --task search --role candidate --input papers.jsonl --output papers.npy
        echo '{"text": "mixture of experts"}' | scimult encode --model models/scimult --task search
      """)

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var inputOptions: InputOptions

  @Option(help: ArgumentHelp("classification, link_prediction or search.", valueName: "T"))
  var task: EncodingTask

  @Option(help: "The side of the dot product: query or candidate.")
  var role = EncodingRole.query

  @Option(help: ArgumentHelp("A file of JSON lines; - is standard input.", valueName: "F.jsonl"))
  var input = "-"

  @Option(help: ArgumentHelp("A .jsonl or .npy file; - is standard output (JSON lines).", valueName: "F"))
  var output = "-"

  func validate() throws {
    guard output == "-" || [".npy", ".jsonl"].contains(where: output.hasSuffix) || output.hasPrefix("/dev/") else {
      throw ValidationError("--output \(output): the name must end in .npy or .jsonl, or be - for standard output.")
    }
  }

  func run() async throws {
    var documents = try DocumentLines(path: input, skipBadLines: inputOptions.skipBadLines)
    let encoder = try BulkEncoder(modelOptions, task: task)
    let writer = try EmbeddingWriter(path: output, dimensions: encoder.model.blueprint.dimensions)
    try await encoder.encode(&documents, role: role) { document, embedding, tokens in
      try writer.write(
        id: document.id, embedding: embedding, tokens: tokens.ids.count, truncated: tokens.truncated)
    } afterWindow: {
      try writer.flush()
    }
    try writer.finish()
    documents.reportSkippedLines()
  }
}
