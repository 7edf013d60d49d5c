import ArgumentParser
import JSONLines
import Messages
import Service
import Tensor
import Transformer

/// `scimult rank`: ranks a file of candidates without a server.
struct RankCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank",
    abstract: "Ranks a file of candidates for a query, best first.",
    discussion: """
      A line of candidates is {"id"?, "title", "abstract"?} or {"id"?, "text"}; other keys are ignored. A line of \
      output is {"index", "id", "score"}; the index counts the candidates that were read, from 0.

      Examples:
        scimult rank --model models/scimult --task search --query "graph neural networks" --candidates papers.jsonl
        scimult rank --model models/scimult --task link-prediction --query "A title [SEP] An abstract" \
      --candidates papers.jsonl --top-k 10
      """)

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var inputOptions: InputOptions

  @Option(help: ArgumentHelp("classification, link_prediction or search.", valueName: "T"))
  var task: EncodingTask

  @Option(help: ArgumentHelp("The query; [SEP] in it separates a title from an abstract.", valueName: "TEXT"))
  var query: String

  @Option(help: ArgumentHelp("A file of JSON lines; - is standard input.", valueName: "F.jsonl"))
  var candidates: String

  @Option(help: ArgumentHelp("How many of the best to print (default: all).", valueName: "N"))
  var topK: Int?

  func validate() throws {
    if let topK, topK < 1 { throw ValidationError("--top-k \(topK) must be 1 or more.") }
  }

  func run() async throws {
    var documents = try DocumentLines(path: candidates, skipBadLines: inputOptions.skipBadLines)
    let encoder = try BulkEncoder(modelOptions, task: task)
    let queryEmbedding = try await encoder.embedding(of: .text(query), role: .query)
    var ids: [JSONValue] = []
    var scores: [Float] = []
    try await encoder.encode(&documents, role: .candidate) { document, embedding, _ in
      ids.append(document.id)
      scores.append(Vector.dot(queryEmbedding, embedding))
    }
    let output = try OutputFile(path: "-")
    for hit in Ranking(scores: scores).best(topK ?? scores.count) {
      let line = "{\"index\": \(hit.index), \"id\": \(ids[hit.index].text), \"score\": \(hit.score)}\n"
      try output.write(line.utf8)
    }
    try output.finish()
    documents.reportSkippedLines()
  }
}
