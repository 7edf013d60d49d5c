import Batching
import DocumentFiles
import Messages
import Service
import Tensor
import Tokenizer
import Transformer

/// Why nothing can be made of a document that could be read.
struct BadDocument: Error {
  let reason: String

  static let notFinite = BadDocument(reason: "could not be encoded: the model makes no finite numbers of it")
}

/// Embeds documents of a file on all threads, window by window, in the input's order.
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
  /// - Returns: nil where the model makes no finite numbers of it.
  func embedding(of content: Document.Content, role: EncodingRole) async throws -> [Float]? {
    let tokens = model.reader.tokens(of: content, task: task, role: role)
    return try await runner.encodeEach([model.reader.input(tokens, task: task, role: role)])[0]
  }

  /// How far a file is done.
  struct Progress: Codable, Sendable {
    /// All documents before it have been handed on, or passed over.
    var position = DocumentFile.Position()
    /// How many behind it have been as well.
    var documentsBehind = 0
    /// Of the file as it is stored, that were read.
    var bytesRead = 0
    /// Lines of documents of which nothing could be made.
    var unusableLines = SkippedLines()

    /// Those, and lines that were no documents.
    var skippedLines: SkippedLines { position.skippedLines + unusableLines }
  }

  /// Embeds all documents of a file that are left.
  /// - Parameters:
  ///   - skipsBadDocuments: what is no embedding in finite numbers, or what `each` throws ``BadDocument`` for, is noted
  ///     and passed over, instead of ending the work.
  ///   - unusableLines: that were noted before.
  ///   - each: called for every document, in order.
  ///   - afterWindow: called when all documents up to a place in the file have been handed on, also before an error.
  /// - Returns: what the whole file was.
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

    /// In the order of the documents; nil in the place of one of which the model makes no finite numbers.
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

  /// Sequences of a length share a batch: threads that take parts of one end together.
  private static func encodeByLength(_ inputs: [EncoderInput], _ runner: BatchRunner) async throws -> [[Float]?] {
    guard !inputs.isEmpty else { return [] }
    let order = inputs.indices.sorted { inputs[$0].tokens.count > inputs[$1].tokens.count }
    let sorted = try await runner.encodeEach(order.map { inputs[$0] })
    var embeddings = [[Float]?](repeating: nil, count: inputs.count)
    for (place, index) in order.enumerated() { embeddings[index] = sorted[place] }
    return embeddings
  }
}
