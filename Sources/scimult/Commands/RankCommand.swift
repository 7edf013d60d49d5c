import ArgumentParser
import DocumentFiles
import Glibc
import Messages
import Service
import Transformer

/// `scimult rank`: ranks a file of candidates without a server.
struct RankCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank",
    abstract: "Ranks a file of candidates for a query, or for each of a file of queries, best first.",
    discussion: """
      \(DocumentHelp.documents)

      A line of output is {"index", "id", "score"}; the index counts the candidates, from 0, without those that were \
      passed over. With --queries it begins with "query_index", which counts the queries so, and "query", the query's \
      id, or its index where it has none. Candidates are read once, whatever the number of queries; with --top-k, \
      files may be of any size. Options of input are for both files, and those of tables for either that is one.

      \(DocumentHelp.badDocuments)

      \(DocumentHelp.exitCodes)

      Examples:
        scimult rank --model models/scimult --task search --query "graph neural networks" --candidates papers.jsonl
        scimult rank --model models/scimult --task link-prediction --query "A title [SEP] An abstract" \
      --candidates papers.jsonl --top-k 10
        scimult rank --model models/scimult --task search --queries queries.jsonl --candidates papers.jsonl --top-k 100
      """)

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var inputOptions: InputOptions

  @Option(
    help: ArgumentHelp(
      "classification, link_prediction, search, or another task that the model serves: scimult inspect lists them.",
      valueName: "T"))
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
    try inputOptions.validate(for: [queries, candidates].compactMap(\.self))
    if let topK, topK < 1 { throw ValidationError("--top-k \(topK) must be 1 or more.") }
    guard (query == nil) != (queries == nil) else {
      throw ValidationError("Give a query as --query TEXT, or a file of them as --queries F.")
    }
    guard queries != "-" || candidates != "-" else {
      throw ValidationError("--queries and --candidates cannot both be standard input.")
    }
    if let queries, let status = FileStatus(path: queries, orStream: STDIN_FILENO), status.kind != .regular,
      status.identity == FileStatus(path: candidates, orStream: STDIN_FILENO)?.identity
    {
      throw ValidationError("--queries and --candidates are one \(status.kind.rawValue), which can be read only once.")
    }
  }

  func run() async throws {
    try FilesRead(model: modelOptions.model, inputs: [queries, candidates].compactMap(\.self)).refuse(output: "-")
    let queryFile = try queries.map { try inputOptions.open($0) }
    // The program that writes both pipes may wait until the queries are read before it writes candidates.
    let openedFirst = FileStatus.isSpecial(candidates) ? nil : try inputOptions.open(candidates)
    let encoder = try BulkEncoder(modelOptions, task: task)
    let (queries, queryProgress) = try await encodedQueries(queryFile, encoder)
    let documents = try openedFirst ?? inputOptions.open(candidates)
    let (best, progress) = try await rank(documents, for: queries, encoder)
    let output = try OutputFile(path: "-")
    let names = Self.names(of: queries)
    for (place, best) in best.enumerated() {
      let beginning = queryFile == nil ? "" : "\"query_index\": \(place), \"query\": \(names[place]), "
      for hit in best.ranked {
        try output.write(
          "{\(beginning)\"index\": \(hit.index), \"id\": \(hit.id.text), \"score\": \(hit.score)}\n".utf8)
      }
    }
    try output.finish()
    if let queryFile { queryProgress?.skippedLines.tell(of: queryFile.name) }
    progress.skippedLines.tell(of: documents.name)
  }

  /// The name of each query: its id, or its place, as a text if another query has that id.
  private static func names(of queries: [Query]) -> [String] {
    let ids = Set(queries.compactMap(\.name))
    return queries.enumerated().map { place, query in
      if let id = query.name { return id }
      let place = String(place)
      guard ids.contains(place) else { return place }
      var text = "#" + place
      while ids.contains("\"\(text)\"") { text = "#" + text }
      return "\"\(text)\""
    }
  }

  private struct Query {
    /// The query's id as JSON; nil if it has none.
    let name: String?
    /// The embedding, prepared for the model's comparison.
    let prepared: [Float]
  }

  /// - Returns: the queries, and the progress at the end of their file if there is one.
  private func encodedQueries(
    _ file: DocumentFile?, _ encoder: BulkEncoder
  ) async throws -> ([Query], BulkEncoder.Progress?) {
    let comparison = encoder.model.blueprint.comparison
    guard let file else {
      guard let embedding = try await encoder.embedding(of: .text(query ?? ""), role: .query) else {
        throw Failure("--query: the text \(BadDocument.notFinite.reason)")
      }
      return ([Query(name: nil, prepared: comparison.prepared(embedding))], nil)
    }
    var queries: [Query] = []
    let progress = try await encoder.encode(file, role: .query, skipsBadDocuments: inputOptions.skipBadLines) {
      document, embedding, _ in
      let name = document.id == .null ? nil : document.id.text
      queries.append(Query(name: name, prepared: comparison.prepared(embedding)))
    }
    return (queries, progress)
  }

  private func rank(
    _ documents: DocumentFile, for queries: [Query], _ encoder: BulkEncoder
  ) async throws -> ([BestCandidates], BulkEncoder.Progress) {
    let comparison = encoder.model.blueprint.comparison
    var best = queries.map { _ in BestCandidates(limit: topK ?? .max) }
    var count = 0
    let progress = try await encoder.encode(
      documents, role: .candidate, skipsBadDocuments: inputOptions.skipBadLines
    ) { document, embedding, _ in
      let candidate = comparison.prepared(embedding)
      let scores = queries.map { comparison.score(ofPrepared: $0.prepared, candidate) }
      guard scores.allSatisfy(\.isFinite) else {
        throw BadDocument(reason: "its score is no finite number: the model's vectors are too long")
      }
      for (place, score) in scores.enumerated() { best[place].add(index: count, id: document.id, score: score) }
      count += 1
    }
    return (best, progress)
  }
}
