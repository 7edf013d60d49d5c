import Batching
import GRPC
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Transformer

/// What the methods work with: the model, threads that read requests, and threads that encode.
public final class Engine: Sendable {
  /// The bounds of an engine.
  public struct Limits: Sendable {
    public var threads: Int
    public var maxBatchTokens: Int
    public var maxQueueTokens: Int
    /// Documents of one message.
    public var maxDocuments: Int
    /// Memory of the embeddings that are kept; 0 keeps none.
    public var cacheBytes: Int

    public init(threads: Int, maxBatchTokens: Int, maxQueueTokens: Int, maxDocuments: Int, cacheBytes: Int) {
      self.threads = threads
      self.maxBatchTokens = maxBatchTokens
      self.maxQueueTokens = maxQueueTokens
      self.maxDocuments = maxDocuments
      self.cacheBytes = cacheBytes
    }
  }

  public let model: ServedModel
  let maxDocuments: Int
  private let runner: BatchRunner
  private let cache: EmbeddingCache?
  /// To the cache where there is one, else to the runner.
  private let submit: SubmitJob
  /// Unpacks, validates and tokenises: milliseconds for a large request, too long for an event loop.
  private let readers: NIOThreadPool
  private let backlog = Backlog()
  private let texts = Mutex(TextStatistics())
  private let logger: Logger

  /// - Parameter observeBatch: is told of each batch, on the thread that encoded it.
  public init(
    model: ServedModel, limits: Limits, observeBatch: @escaping BatchObserver = { _ in }, logger: Logger
  ) {
    self.model = model
    self.logger = logger
    maxDocuments = limits.maxDocuments
    let runner = BatchRunner(
      model: model.encoder, threads: limits.threads, maxBatchTokens: limits.maxBatchTokens,
      maxQueueTokens: limits.maxQueueTokens, observe: observeBatch)
    let encode: SubmitJob = { inputs, flow, completion throws(EncodingFailure) in
      let ticket = try runner.submit(inputs, of: flow, completion: completion)
      return { ticket.cancel() }
    }
    self.runner = runner
    cache = limits.cacheBytes > 0 ? EmbeddingCache(maxBytes: limits.cacheBytes, encode: encode) : nil
    submit = cache?.submit ?? encode
    readers = NIOThreadPool(numberOfThreads: limits.threads)
    readers.start()
  }

  var validation: Validation { Validation(model: model, maxDocuments: maxDocuments) }

  /// What the cache has done until now; all zeros where there is none.
  public var cacheStatistics: CacheStatistics { cache?.statistics ?? CacheStatistics() }

  /// The texts that were answered until now.
  public var textStatistics: TextStatistics { texts.withLock(\.self) }

  /// Tokens that wait to be encoded.
  public var waitingTokens: Int { runner.waitingTokens }

  /// Encodes a text of each task past the cache, so that the first request finds memory and caches warm.
  public func warmUp() async throws {
    for task in model.blueprint.tasks {
      let tokens = model.reader.tokens(of: .text("warm-up"), task: task, role: .query)
      let inputs = EncodingRole.allCases.map { EncoderInput(tokens: tokens.ids, task: task, role: $0) }
      _ = try await runner.encode(inputs)
    }
  }

  /// Finishes what was admitted, then ends the threads.
  public func shutdown() async throws {
    try await readers.shutdownGracefully()
    try await runner.shutdown()
  }

  /// Reads a request on a reader thread and hands it on, and fails it where that throws.
  func read<Parsed: TextsRequest>(
    _ answer: Answer, as parse: @escaping @Sendable (ByteBuffer) throws(Status) -> Parsed,
    _ body: @escaping @Sendable (Parsed, Answer) throws(Status) -> Void
  ) {
    readers.submit { state in
      var answer = answer
      let request = answer.request
      guard state == .active else { return answer.fail(.stopping) }
      guard !request.cancellation.isCancelled else { return }
      do throws(Status) {
        let parsed = try parse(try request.message())
        answer.requestID = parsed.requestID
        if let task = EncodingTask(contractCode: parsed.task) { request.note(topic: Int(task.contractCode)) }
        answer.flow = try Flow(request)
        try body(parsed, answer)
      } catch {
        answer.fail(error)
      }
      request.messageIsConsumed()
    }
  }

  /// Answers with what `reply` makes of the texts' embeddings, on a worker thread; on this one where the cache has
  /// them all. A full queue refuses a unary call; a stream's request waits for room.
  /// - Parameter name: what the request calls the text of this place.
  func encode(
    _ documents: Validation.Inputs, named name: @escaping @Sendable (Int) -> String, for answer: Answer,
    reply: @escaping @Sendable ([[Float]]) -> ByteBuffer
  ) {
    let (backlog, logger) = (backlog, logger)
    let attempt = { @Sendable [self] () throws(EncodingFailure) -> Void in
      let cancel = try submit(documents.inputs, answer.flow) { [self] result in
        switch result {
        case .success(let embeddings):
          texts.withLock { $0.add(documents) }
          answer.succeed(reply(embeddings))
        case .failure(let failure): answer.fail(Status(failure, named: name, logger: logger))
        }
        backlog.retry()
      }
      answer.request.cancellation.onCancel {
        cancel()
        backlog.retry()
      }
    }
    do throws(EncodingFailure) {
      try attempt()
    } catch {
      guard case .queueFull = error, answer.isStreamed else {
        return answer.fail(Status(error, named: name, logger: logger))
      }
      backlog.add {
        guard !answer.request.cancellation.isCancelled else { return true }
        do throws(EncodingFailure) {
          try attempt()
        } catch {
          if case .queueFull = error { return false }
          answer.fail(Status(error, named: name, logger: logger))
        }
        return true
      }
    }
  }
}
