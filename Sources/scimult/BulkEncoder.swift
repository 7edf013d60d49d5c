import ArgumentParser
import Batching
import JSONLines
import Messages
import Service
import Tokenizer
import Transformer

/// Embeds documents of a file on all threads, window by window, in the input's order.
struct BulkEncoder {
  let model: ServedModel
  private let task: EncodingTask
  private let runner: BatchRunner

  /// Documents of a window: enough to fill every thread's batches many times over.
  private static let windowDocuments = 512
  private static let maxBatchTokens = 8_192

  init(_ options: ModelOptions, task: EncodingTask) throws {
    model = try options.load()
    self.task = task
    if let refusal = model.refusal(of: task) { throw Failure(refusal) }
    runner = BatchRunner(
      model: model.encoder, threads: options.threadCount, maxBatchTokens: Self.maxBatchTokens, maxQueueTokens: .max)
  }

  /// The embedding of one document.
  func embedding(of content: Document.Content, role: EncodingRole) async throws -> [Float] {
    let tokens = model.reader.tokens(of: content, task: task, role: role)
    return try await runner.encode([EncoderInput(tokens: tokens.ids, task: task, role: role)])[0]
  }

  /// Embeds all documents.
  /// - Parameters:
  ///   - each: called for every document, in order.
  ///   - afterWindow: called when all that was read has been handed on.
  func encode(
    _ documents: inout DocumentLines, role: EncodingRole,
    each: (InputDocument, [Float], TokenSequence) throws -> Void, afterWindow: () throws -> Void = {}
  ) async throws {
    var progress = ProgressBar(totalBytes: documents.reader.totalBytes)
    defer { progress.finish() }
    var documentCount = 0
    var tokenCount = 0
    while true {
      let window = try documents.next(upTo: Self.windowDocuments)
      guard !window.isEmpty else { return }
      let tokens = window.map { model.reader.tokens(of: $0.content, task: task, role: role) }
      let embeddings = try await runner.encode(tokens.map { EncoderInput(tokens: $0.ids, task: task, role: role) })
      for (index, document) in window.enumerated() { try each(document, embeddings[index], tokens[index]) }
      try afterWindow()
      documentCount += window.count
      tokenCount += tokens.reduce(0) { $0 + $1.ids.count }
      progress.update(documents: documentCount, tokens: tokenCount, bytesRead: documents.reader.bytesRead)
    }
  }
}
