import ArgumentParser
import DocumentFiles
import Messages
import Service
import Tensor
import Transformer

/// `scimult rank`: ranks a file of candidates without a server.
struct RankCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank",
    abstract: "Ranks a file of candidates for a query, or for each of a file of queries, best first.",
    discussion: """
      A line of candidates or queries is {"id"?, "title", "abstract"?} or {"id"?, "text"}; other keys are ignored. A \
      .csv file names the same in its header. Either may be compressed by gzip. A line of output is {"index", "id", \
      "score"}; the index counts the candidates that were read, from 0. With --queries it begins with "query", the \
      query's id, or its index where it has none. Candidates are read once, whatever the number of queries; with \
      --top-k, files may be of any size.

      Examples:
        scimult rank --model models/scimult --task search --query "graph neural networks" --candidates papers.jsonl
        scimult rank --model models/scimult --task link-prediction --query "A title [SEP] An abstract" \
      --candidates papers.jsonl --top-k 10
        scimult rank --model models/scimult --task search --queries queries.jsonl --candidates papers.jsonl --top-k 100
      """)

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var inputOptions: InputOptions

  @Option(help: ArgumentHelp("classification, link_prediction or search.", valueName: "T"))
  var task: EncodingTask

  @Option(help: ArgumentHelp("The query; [SEP] in it separates a title from an abstract.", valueName: "TEXT"))
  var query: String?

  @Option(help: ArgumentHelp("A file of queries, as candidates are.", valueName: "F"))
  var queries: String?

  @Option(help: ArgumentHelp("A .jsonl or .csv file, or .gz of either; - is standard input.", valueName: "F"))
  var candidates: String

  @Option(help: ArgumentHelp("How many of the best to print for a query (default: all).", valueName: "N"))
  var topK: Int?

  func validate() throws {
    if let topK, topK < 1 { throw ValidationError("--top-k \(topK) must be 1 or more.") }
    guard (query == nil) != (queries == nil) else {
      throw ValidationError("Give a query as --query TEXT, or a file of them as --queries F.")
    }
    guard queries != "-" || candidates != "-" else {
      throw ValidationError("--queries and --candidates cannot both be standard input.")
    }
  }

  func run() async throws {
    var queryFile = try queries.map { try DocumentFile(path: $0, skipBadLines: inputOptions.skipBadLines) }
    var documents = try inputOptions.open(candidates)
    let encoder = try BulkEncoder(modelOptions, task: task)
    var names: [String] = []
    var embeddings: [[Float]] = []
    if queryFile != nil {
      try await encoder.encode(&queryFile!, role: .query) { document, embedding, _ in
        names.append(document.id == .null ? String(names.count) : document.id.text)
        embeddings.append(embedding)
      }
    } else if let query {
      embeddings = [try await encoder.embedding(of: .text(query), role: .query)]
    }
    var best = embeddings.map { _ in BestCandidates(limit: topK ?? .max) }
    var count = 0
    try await encoder.encode(&documents, role: .candidate) { document, embedding, _ in
      for (place, query) in embeddings.enumerated() {
        best[place].add(index: count, id: document.id, score: Vector.dot(query, embedding))
      }
      count += 1
    }
    let output = try OutputFile(path: "-")
    for (place, best) in best.enumerated() {
      let beginning = queryFile == nil ? "" : "\"query\": \(names[place]), "
      for hit in best.ranked {
        try output.write(
          "{\(beginning)\"index\": \(hit.index), \"id\": \(hit.id.text), \"score\": \(hit.score)}\n".utf8)
      }
    }
    try output.finish()
    queryFile?.reportSkippedLines()
    documents.reportSkippedLines()
  }
}
