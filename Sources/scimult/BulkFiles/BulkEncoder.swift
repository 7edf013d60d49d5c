import ArgumentParser
import Batching
import DocumentFiles
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
    return try await runner.encode([model.reader.input(tokens, task: task, role: role)])[0]
  }

  /// Embeds all documents of a file.
  /// - Parameters:
  ///   - each: called for every document, in order.
  ///   - afterWindow: called when all documents up to a place in the file have been handed on.
  func encode(
    _ file: inout DocumentFile, role: EncodingRole,
    each: (InputDocument, [Float], TokenSequence) throws -> Void,
    afterWindow: (DocumentFile.Position) throws -> Void = { _ in }
  ) async throws {
    var progress = ProgressBar(totalBytes: file.totalBytes, bytesRead: file.bytesRead)
    defer { progress.finish() }
    var underWay: Window?
    func finish(_ window: Window) async throws {
      let embeddings = try await window.embeddings
      for (index, document) in window.documents.enumerated() {
        try each(document, embeddings[index], window.tokens[index])
      }
      try afterWindow(window.position)
      progress.update(documents: window.documents.count, tokens: window.tokenCount, bytesRead: window.bytesRead)
    }
    // While one window is encoded the next is read, and waits behind it: no thread is idle between them.
    while true {
      let next: Window?
      do {
        next = try begin(&file, role: role)
      } catch {
        if let underWay { try await finish(underWay) }
        throw error
      }
      if let underWay { try await finish(underWay) }
      guard let next else { return }
      underWay = next
    }
  }

  /// Documents that are encoded together.
  private struct Window {
    let documents: [InputDocument]
    let tokens: [TokenSequence]
    let position: DocumentFile.Position
    let bytesRead: Int
    let encoding: Task<[[Float]], any Error>

    var tokenCount: Int { tokens.reduce(0) { $0 + $1.ids.count } }

    /// In the order of the documents.
    var embeddings: [[Float]] {
      get async throws { try await encoding.value }
    }
  }

  /// Reads the next window and queues it; nil at the end of the file.
  private func begin(_ file: inout DocumentFile, role: EncodingRole) throws -> Window? {
    let documents = try file.next(upTo: Self.windowDocuments)
    guard !documents.isEmpty else { return nil }
    let tokens = documents.map { model.reader.tokens(of: $0.content, task: task, role: role) }
    let (runner, inputs) = (runner, tokens.map { model.reader.input($0, task: task, role: role) })
    return Window(
      documents: documents, tokens: tokens, position: file.position, bytesRead: file.bytesRead,
      encoding: Task { try await Self.encodeByLength(inputs, runner) })
  }

  /// Sequences of a length share a batch: threads that take parts of one end together.
  private static func encodeByLength(_ inputs: [EncoderInput], _ runner: BatchRunner) async throws -> [[Float]] {
    let order = inputs.indices.sorted { inputs[$0].tokens.count > inputs[$1].tokens.count }
    let sorted = try await runner.encode(order.map { inputs[$0] })
    var embeddings = [[Float]](repeating: [], count: inputs.count)
    for (place, index) in order.enumerated() { embeddings[index] = sorted[place] }
    return embeddings
  }
}
