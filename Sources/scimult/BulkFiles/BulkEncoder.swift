import Batching
import DocumentFiles
import Messages
import Service
import Tensor
import Tokenizer
import Transformer

/// Why a readable document cannot be encoded.
struct BadDocument: Error {
  let reason: String

  static let notFinite = BadDocument(reason: "could not be encoded: the model makes no finite numbers of it")
}

/// Embeds the documents of a file on all threads, window by window, in the input's order.
struct BulkEncoder {
  let model: ServedModel
  private let task: EncodingTask
  private let runner: BatchRunner

  private static let maxBatchTokens = 8_192

  init(_ options: ModelOptions, task: EncodingTask) throws {
    model = try options.load()
    self.task = task
    if let refusal = model.refusal(of: task) { throw task.error(refusal) }
    runner = BatchRunner(
      model: model.encoder, threads: options.threadCount, maxBatchTokens: Self.maxBatchTokens, maxQueueTokens: .max)
  }

  /// The embedding of one document.
  /// - Returns: nil if the model computes a number that is not finite.
  func embedding(of content: Document.Content, role: EncodingRole) async throws -> [Float]? {
    let tokens = model.reader.tokens(of: content, task: task, role: role)
    return try await runner.encodeEach([model.reader.input(tokens, task: task, role: role)])[0]
  }

  /// How much of a file is done.
  struct Progress: Codable, Sendable {
    /// All documents before this position have been processed, or skipped.
    var position = DocumentFile.Position()
    /// The number of processed documents after this position.
    var documentsBehind = 0
    /// The number of bytes read of the file as it is stored.
    var bytesRead = 0
    /// The lines of documents that could not be encoded.
    var unusableLines = SkippedLines()

    /// These lines, and lines that are not documents.
    var skippedLines: SkippedLines { position.skippedLines + unusableLines }
  }

  /// Embeds all remaining documents of a file.
  /// - Parameters:
  ///   - skipsBadDocuments: whether to record and skip a document whose embedding is not finite, or for which `each`
  ///     throws ``BadDocument``, instead of ending the work.
  ///   - unusableLines: lines that were recorded before.
  ///   - each: called for every document, in order.
  ///   - afterWindow: called when all documents up to a position in the file have been processed, also before an error.
  /// - Returns: the progress at the end of the file.
  @discardableResult
  func encode(
    _ file: DocumentFile, role: EncodingRole, skipsBadDocuments: Bool, unusableLines: SkippedLines = SkippedLines(),
    each: (InputDocument, [Float], TokenSequence) throws -> Void,
    afterWindow: (Progress) throws -> Void = { _ in }
  ) async throws -> Progress {
    var bar = ProgressBar(totalBytes: file.totalBytes, bytesRead: file.bytesRead)
    defer { bar.finish() }
    var progress = Progress(position: file.position, bytesRead: file.bytesRead, unusableLines: unusableLines)
    let reader = WindowReader(file)
    defer { reader.stop() }
    for try await window in reader.windows({ begin($0, role: role) }) {
      let embeddings = try await window.embeddings
      progress.position = window.read.start
      for (index, document) in window.read.documents.enumerated() {
        do throws(any Error) {
          guard let embedding = embeddings[index] else { throw BadDocument.notFinite }
          try each(document, embedding, window.tokens[index])
        } catch let bad as BadDocument {
          guard skipsBadDocuments else {
            progress.documentsBehind = index
            try afterWindow(progress)
            throw Failure(Self.line(bad, document, of: file.name))
          }
          progress.unusableLines.add(document.line)
        }
      }
      (progress.position, progress.bytesRead) = (window.read.end, window.read.bytesRead)
      try afterWindow(progress)
      bar.update(documents: window.read.documents.count, tokens: window.tokenCount, bytesRead: progress.bytesRead)
      reader.windowIsDone()
    }
    return progress
  }

  private static func line(_ bad: BadDocument, _ document: InputDocument, of name: String) -> String {
    let id = document.id == .null ? "" : " (id \(document.id.text.prefix(maxIDCharacters)))"
    return "\(name): line \(document.line)\(id): \(bad.reason); --skip-bad-lines passes over it"
  }

  private static let maxIDCharacters = 100

  /// A window that is being encoded.
  private struct Window {
    let read: DocumentWindow
    let tokens: [TokenSequence]
    let encoding: Task<[[Float]?], any Error>

    var tokenCount: Int { tokens.reduce(0) { $0 + $1.ids.count } }

    /// The embeddings in the order of the documents; nil for a document for which the model computes a number that is
    /// not finite.
    var embeddings: [[Float]?] {
      get async throws { try await encoding.value }
    }
  }

  /// Queues a window's documents.
  private func begin(_ window: DocumentWindow, role: EncodingRole) -> Window {
    let tokens = window.documents.map { model.reader.tokens(of: $0.content, task: task, role: role) }
    let (runner, inputs) = (runner, tokens.map { model.reader.input($0, task: task, role: role) })
    return Window(read: window, tokens: tokens, encoding: Task { try await Self.encodeByLength(inputs, runner) })
  }

  /// Sequences of similar length share a batch, so that threads that share the work finish together.
  private static func encodeByLength(_ inputs: [EncoderInput], _ runner: BatchRunner) async throws -> [[Float]?] {
    guard !inputs.isEmpty else { return [] }
    let order = inputs.indices.sorted { inputs[$0].tokens.count > inputs[$1].tokens.count }
    let sorted = try await runner.encodeEach(order.map { inputs[$0] })
    var embeddings = [[Float]?](repeating: nil, count: inputs.count)
    for (place, index) in order.enumerated() { embeddings[index] = sorted[place] }
    return embeddings
  }
}
