import ArgumentParser
import Batching
import DocumentFiles
import Messages
import Service
import Transformer

/// `scimult encode`: embeds a file without a server.
struct EncodeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Embeds a file of documents, in the input's order.",
    discussion: """
      \(DocumentHelp.documents)

      A line of output is {"id", "embedding", "tokens", "truncated"}; an output whose name ends in .npy is a float32 \
      matrix with a row for each document. Files may be of any size: they are read and written window by window. What \
      has come is encoded and written while a pipe is waited for.

      \(DocumentHelp.badDocuments)

      With --resume, a run that ends early, however it does, leaves OUTPUT.partial and OUTPUT.progress, and the same \
      command goes on from there: no row is lost, and none is doubled. OUTPUT.progress stays, so that other work is \
      not taken for what is complete.

      \(DocumentHelp.exitCodes)

      Examples:
        scimult encode --model models/scimult --task search --role candidate --input papers.jsonl --output papers.npy
        scimult encode --model models/scimult --task search --input papers.csv.gz --output papers.npy --resume
        echo '{"text": "mixture of experts"}' | scimult encode --model models/scimult --task search
      """)

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var inputOptions: InputOptions

  @Option(
    help: ArgumentHelp(
      "classification, link_prediction, search, or another task that the model serves: scimult inspect lists them.",
      valueName: "T"))
  var task: EncodingTask

  @Option(help: "The side of the dot product: query or candidate.")
  var role = EncodingRole.query

  @Option(help: ArgumentHelp("A .jsonl or .csv file, or .gz of either; - is standard input.", valueName: "F"))
  var input = "-"

  @Option(help: ArgumentHelp("A .jsonl or .npy file; - is standard output (JSON lines).", valueName: "F"))
  var output = "-"

  @Flag(help: "Go on where an earlier run of this command ended; keep what is done if this one ends early.")
  var resume = false

  private static let outputSuffixes = [".npy", ".jsonl"]

  func validate() throws {
    try inputOptions.validate(for: [input])
    guard output == "-" || Self.outputSuffixes.contains(where: output.hasSuffix) || output.hasPrefix("/dev/") else {
      throw ValidationError("--output \(output): the name must end in .npy or .jsonl, or be - for standard output.")
    }
    let outputKind = output == "-" ? nil : FileStatus(path: output)?.kind
    if output.hasSuffix(".npy"), let outputKind, outputKind != .regular {
      throw ValidationError("--output \(output): is a \(outputKind.rawValue); a matrix needs a regular file.")
    }
    guard resume else { return }
    guard input != "-" && output != "-" && !output.hasPrefix("/dev/") else {
      throw ValidationError("--resume needs files: --input F --output F.")
    }
    for (option, path) in [("--input", input), ("--output", output)] {
      if let kind = FileStatus(path: path)?.kind, kind != .regular {
        throw ValidationError("--resume needs a regular file: \(option) \(path) is a \(kind.rawValue).")
      }
    }
  }

  func run() async throws {
    try FilesRead(model: modelOptions.model, inputs: [input], outputSuffixes: Self.outputSuffixes)
      .refuse(output: output)
    guard !resume else { return try await ResumableEncoding(command: self).run() }
    let documents = try inputOptions.open(input)
    let encoder = try BulkEncoder(modelOptions, task: task)
    let writer = try EmbeddingWriter(path: output, dimensions: encoder.model.blueprint.dimensions)
    let progress = try await encode(documents, with: encoder, to: writer) { _ in try writer.flush() }
    try writer.finish()
    Journal.forgetComplete(output: output)
    progress.skippedLines.tell(of: documents.name)
  }

  /// - Parameters:
  ///   - unusableLines: lines that earlier runs skipped.
  ///   - afterWindow: called when all documents up to a position in the input have been written.
  /// - Returns: the progress at the end of the input.
  func encode(
    _ documents: DocumentFile, with encoder: BulkEncoder, to writer: EmbeddingWriter,
    unusableLines: SkippedLines = SkippedLines(), afterWindow: (BulkEncoder.Progress) throws -> Void
  ) async throws -> BulkEncoder.Progress {
    try await encoder.encode(
      documents, role: role, skipsBadDocuments: inputOptions.skipBadLines, unusableLines: unusableLines,
      each: { document, embedding, tokens in
        try writer.write(
          id: document.id, embedding: embedding, tokens: tokens.ids.count, truncated: tokens.truncated)
      }, afterWindow: afterWindow)
  }
}
