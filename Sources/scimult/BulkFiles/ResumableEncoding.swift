import DocumentFiles
import Messages
import Service

/// `scimult encode --resume`: encodes a file in any number of runs.
struct ResumableEncoding {
  let command: EncodeCommand

  /// The maximum time between two saves.
  private static let interval = Duration.milliseconds(250)
  /// The bytes at the beginning of a compressed input, or of an output, that are compared.
  private static let comparedBytes = 64 << 10

  private var input: String { command.input }
  private var output: String { command.output }
  private var partial: String { OutputFile.partialPath(of: output) }

  func run() async throws {
    var earlier = try Journal.read(ofOutput: output)
    let isThere = FileStatus(path: output) != nil
    let hasPartial = FileStatus(path: partial) != nil
    if !isThere, !hasPartial, earlier?.output != nil {
      // The user has removed the complete output, to start again.
      Journal.forgetComplete(output: output)
      earlier = nil
    }
    guard !isThere || earlier != nil else {
      throw Failure("\(output): is there already, and nothing says what it was made of: remove it to begin anew")
    }
    // An unreadable input is refused before the model is loaded.
    _ = try command.inputOptions.open(input)
    let encoder = try BulkEncoder(command.modelOptions, task: command.task)
    let job = try await job(encoder)
    guard let earlier else { return try await encode(with: encoder, from: Journal(job: job)) }
    if let difference = try job.difference(from: earlier.job) ?? difference(ofInputFrom: earlier) {
      throw Failure(
        earlier.output != nil && isThere
          ? "\(output): is complete, and of other work: \(difference). Remove it to begin anew"
          : "\(Journal.path(ofOutput: output)): is of other work: \(difference). Remove it, and what ends in "
            + ".partial beside it, to begin anew")
    }
    switch earlier.output {
    case nil: try await encode(with: encoder, from: earlier)
    case _? where hasPartial: try OutputFile(path: output, keeping: earlier.outputBytes).finish()
    case let digest?: try confirm(digest, of: earlier)
    }
  }

  private func encode(with encoder: BulkEncoder, from earlier: Journal) async throws {
    var journal = earlier
    var documents = try command.inputOptions.open(input, from: journal.progress.position)
    for _ in 0..<journal.progress.documentsBehind { _ = try documents.next() }
    let writer = try EmbeddingWriter(path: output, dimensions: encoder.model.blueprint.dimensions, after: journal)
    let isCompressed = try DocumentFile.isCompressed(path: input)
    var lastKept = ContinuousClock.now
    var isKept = true
    func keep() throws {
      try writer.sync()
      let end = isCompressed ? min(journal.progress.bytesRead, Self.comparedBytes) : journal.progress.position.offset
      try journal.input.extend(over: input, to: end)
      try journal.write(ofOutput: output)
      (lastKept, isKept) = (.now, true)
    }
    do {
      let progress = try await command.encode(
        documents, with: encoder, to: writer, unusableLines: journal.progress.unusableLines
      ) { progress in
        (journal.progress, journal.rows, journal.outputBytes) = (progress, writer.rows, writer.count)
        isKept = false
        if ContinuousClock.now - lastKept >= Self.interval { try keep() }
      }
      try complete(writer, &journal)
      progress.skippedLines.tell(of: documents.name)
    } catch {
      if !isKept { try? keep() }
      throw Failure("\(error); what is done is kept: the same command goes on")
    }
  }

  /// The journal records the complete output before the output is in its place: if a run ends in between, the next run
  /// does the missing step.
  private func complete(_ writer: EmbeddingWriter, _ journal: inout Journal) throws {
    try writer.complete()
    try writer.sync()
    try journal.input.extend(over: input, to: journal.progress.bytesRead)
    journal.outputBytes = writer.count
    journal.output = try FileDigest(of: partial, first: min(writer.count, Self.comparedBytes))
    try journal.write(ofOutput: output)
    try writer.finish()
  }

  /// Leaves a complete output unchanged, if it is the one in the journal.
  private func confirm(_ digest: FileDigest, of journal: Journal) throws {
    guard FileStatus(path: output)?.byteCount == journal.outputBytes,
      try FileDigest(of: output, first: digest.byteCount) == digest
    else {
      throw Failure("\(output): is not the file that --resume completed: remove it to begin anew")
    }
    Console.error("scimult: \(output): complete already, nothing to go on with\n")
  }

  /// The first difference of the input from an earlier run; nil if there is none.
  private func difference(ofInputFrom earlier: Journal) throws -> String? {
    let byteCount = FileStatus(path: input)?.byteCount ?? 0
    let known = earlier.input
    guard byteCount >= known.byteCount, try FileDigest(of: input, first: known.byteCount) == known else {
      return "the input begins with other documents"
    }
    guard earlier.output != nil, byteCount > known.byteCount else { return nil }
    return "its \(earlier.rows) rows are of the first \(known.byteCount) bytes of the input, which has \(byteCount) now"
  }

  private func job(_ encoder: BulkEncoder) async throws -> Journal.Job {
    var probe: [Float] = []
    for text in Self.probes { probe += try await encoder.embedding(of: text, role: command.role) ?? [] }
    let options = command.inputOptions
    let form = [
      options.format(of: input).rawValue, options.csvDelimiter?.rawValue,
      options.csvQuotes?.rawValue,
    ]
    return Journal.Job(
      task: command.task.rawValue, role: command.role.rawValue, precision: encoder.model.encoder.precision.rawValue,
      form: form.compactMap(\.self).joined(separator: " "), probe: probe)
  }

  /// A short text, a paper with case, accents, digits and signs, and a text longer than any model reads.
  private static let probes: [Document.Content] = [
    .text("mixture of experts"),
    .paper(title: "Étude of β-sheets (3.14 Å)", abstract: "In vitro: 東京, naïve & well-known."),
    .text(String(repeating: "experts of graphs and cells ", count: 200)),
  ]
}
