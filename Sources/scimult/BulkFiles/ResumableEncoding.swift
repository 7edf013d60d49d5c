import DocumentFiles
import Messages
import Service

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `scimult encode --resume`: encodes a file in as many runs as it takes.
struct ResumableEncoding {
  let command: EncodeCommand

  /// What is done is kept at least so often.
  private static let interval = Duration.milliseconds(250)

  private var output: String { command.output }

  func run() async throws {
    let earlier = try Journal.read(ofOutput: output)
    guard !isComplete else {
      Journal.remove(ofOutput: output)
      return Console.error("scimult: \(output): complete already, nothing to go on with\n")
    }
    var documents = try command.inputOptions.open(command.input, from: earlier?.position ?? .init())
    let encoder = try BulkEncoder(command.modelOptions, task: command.task)
    let job = try await job(encoder)
    if let earlier, let difference = job.difference(from: earlier.job) {
      throw Failure(
        "\(Journal.path(ofOutput: output)): is of other work: \(difference). Remove it, and what ends in .partial "
          + "beside it, to begin anew")
    }
    var journal = earlier ?? Journal(job: job)
    let writer = try EmbeddingWriter(path: output, dimensions: encoder.model.blueprint.dimensions, after: journal)
    var last = ContinuousClock.now
    do {
      try await command.encode(&documents, with: encoder, to: writer) { position in
        guard ContinuousClock.now - last >= Self.interval else { return }
        try writer.sync()
        journal.position = position
        journal.rows = writer.rows
        journal.outputBytes = writer.count
        try journal.write(ofOutput: output)
        last = .now
      }
    } catch {
      throw Failure("\(error); what is done is kept: the same command goes on")
    }
    try writer.sync()
    try writer.finish()
    Journal.remove(ofOutput: output)
    documents.reportSkippedLines()
  }

  /// Whether an earlier run came to its end.
  private var isComplete: Bool {
    let files = FileManager.default
    return files.fileExists(atPath: output) && !files.fileExists(atPath: OutputFile.partialPath(of: output))
  }

  private func job(_ encoder: BulkEncoder) async throws -> Journal.Job {
    Journal.Job(
      task: command.task.rawValue, role: command.role.rawValue, precision: encoder.model.encoder.precision.rawValue,
      probe: try await encoder.embedding(of: .text("mixture of experts"), role: command.role),
      inputChecksum: try InputChecksum.ofFile(command.input))
  }
}
