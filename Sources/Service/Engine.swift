import Batching
import GRPC
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Transformer

/// The shared parts of all methods: the model, threads that read requests, and threads that encode.
public final class Engine: Sendable {
  /// The limits of an engine.
  public struct Limits: Sendable {
    public var threads: Int
    public var maxBatchTokens: Int
    public var maxQueueTokens: Int
    /// Maximum documents of one message.
    public var maxDocuments: Int
    /// Memory of the embedding cache; 0 means no cache.
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
  let validation: Validation
  private let topics: TaskTopics
  /// Values of an embedding.
  private let dimensions: Int
  private let runner: BatchRunner
  private let cache: EmbeddingCache?
  /// Submits to the cache if there is one, otherwise to the runner.
  private let submit: SubmitJob
  /// Unpacks, validates and tokenises. A large request takes milliseconds, too long for an event loop.
  private let readers: NIOThreadPool
  private let backlog = Backlog()
  private let sendBudget: SendBudget
  private let texts = Mutex(TextStatistics())
  private let logger: Logger

  /// - Parameters:
  ///   - sendBudget: the budget of the calls that the engine answers.
  ///   - observeBatch: receives a report of each batch, on the thread that encoded it.
  public init(
    model: ServedModel, limits: Limits, sendBudget: SendBudget, observeBatch: @escaping BatchObserver = { _ in },
    logger: Logger
  ) {
    self.model = model
    self.sendBudget = sendBudget
    self.logger = logger
    maxDocuments = limits.maxDocuments
    topics = TaskTopics(model.blueprint.tasks)
    dimensions = model.blueprint.dimensions
    validation = Validation(model: model, maxDocuments: limits.maxDocuments)
    let runner = BatchRunner(
      model: model.encoder, threads: limits.threads, maxBatchTokens: limits.maxBatchTokens,
      maxQueueTokens: limits.maxQueueTokens, observe: observeBatch)
    let encode: SubmitJob = { inputs, flow, observer, completion throws(EncodingFailure) in
      let ticket = try runner.submit(inputs, of: flow, observer: observer, completion: completion)
      return { ticket.cancel() }
    }
    self.runner = runner
    cache = limits.cacheBytes > 0 ? EmbeddingCache(maxBytes: limits.cacheBytes, encode: encode) : nil
    submit = cache?.submit ?? encode
    readers = NIOThreadPool(numberOfThreads: limits.threads)
    readers.start()
    sendBudget.onRoom { [readers, backlog] in readers.submit { _ in backlog.retry() } }
  }

  /// The cache's counts so far; all zeros if there is none.
  public var cacheStatistics: CacheStatistics { cache?.statistics ?? CacheStatistics() }

  /// The counts of texts that were answered so far.
  public var textStatistics: TextStatistics { texts.withLock(\.self) }

  /// Tokens that wait in the queue.
  public var waitingTokens: Int { runner.waitingTokens }

  /// Bytes reserved for replies, and bytes of replies that clients have not read.
  public var bytesToSend: Int { sendBudget.usedBytes }

  /// Encodes a text of each task without the cache, so that the first request finds memory and CPU caches warm.
  public func warmUp() async throws {
    for task in model.blueprint.tasks {
      let inputs = EncodingRole.allCases.map { role in
        let tokens = model.reader.tokens(of: .text("warm-up"), task: task, role: role)
        return model.reader.input(tokens, task: task, role: role)
      }
      _ = try await runner.encode(inputs)
    }
  }

  /// Finishes admitted work, then ends the threads.
  public func shutdown() async throws {
    try await readers.shutdownGracefully()
    try await runner.shutdown()
  }

  /// Reads a request and passes it on; if reading throws, fails the request. This happens on a reader thread. A short
  /// request is read at once, because that takes less time than switching threads.
  func read<Parsed: TextsRequest>(
    _ answer: Answer, as parse: @escaping @Sendable (ByteBuffer) throws(Status) -> Parsed,
    _ body: @escaping @Sendable (Parsed, Answer) throws(Status) -> Void
  ) {
    if let bytes = answer.request.plainMessageBytes, bytes <= Self.shortMessageBytes {
      return readNow(answer, as: parse, body)
    }
    readers.submit { [self] state in
      guard state == .active else { return answer.fail(.stopping) }
      guard !answer.request.cancellation.isCancelled else { return }
      readNow(answer, as: parse, body)
    }
  }

  /// Reading so many bytes takes some ten microseconds of an event loop's time.
  private static let shortMessageBytes = 512

  private func readNow<Parsed: TextsRequest>(
    _ answer: Answer, as parse: (ByteBuffer) throws(Status) -> Parsed,
    _ body: (Parsed, Answer) throws(Status) -> Void
  ) {
    var answer = answer
    let trail = answer.request.trail
    trail?.reached(.reading)
    do throws(Status) {
      let message = try answer.request.message()
      answer.messageBytes = message.readableBytes
      let parsed = try parse(message)
      answer.requestID = parsed.requestID
      trail?.note(requestID: parsed.requestID)
      if let task = EncodingTask(contractCode: parsed.task) ?? EncodingTask(name: parsed.taskName) {
        answer.request.note(topic: topics.topic(of: task))
      }
      answer.flow = try Flow(answer.request)
      try body(parsed, answer)
    } catch {
      answer.fail(error)
    }
  }

  /// Answers with the result of `reply` for the texts' embeddings, on a worker thread, or on this thread if all
  /// embeddings are cached. If the queue is full, or unread replies have used up the reply memory, a unary call is
  /// refused, and a stream's request waits for room.
  /// - Parameter name: the request's name for the text at a position.
  func encode(
    _ documents: Validation.Inputs, named name: @escaping @Sendable (Int) -> String, for answer: Answer,
    reply: @escaping @Sendable ([[Float]]) throws(Status) -> ByteBuffer
  ) {
    if let trail = answer.request.trail {
      trail.note(texts: documents.inputs.count, tokens: documents.inputs.reduce(0) { $0 + $1.tokens.count })
      trail.reached(.queued)
    }
    // The client may have left while the texts were tokenised, or were in the backlog.
    let isDone: @Sendable () -> Bool = { [self] in
      answer.request.cancellation.isCancelled || attempt(documents, named: name, for: answer, reply: reply)
    }
    guard !isDone() else { return }
    answer.request.messageIsHeld(bytes: messageBytes(documents.inputs, for: answer))
    backlog.add(isDone)
  }

  /// - Returns: false if there is no room and the request may wait for it; any other outcome reaches the answer.
  private func attempt(
    _ documents: Validation.Inputs, named name: @escaping @Sendable (Int) -> String, for answer: Answer,
    reply: @escaping @Sendable ([[Float]]) throws(Status) -> ByteBuffer
  ) -> Bool {
    guard answer.request.reserveReply(bytes: replyBytes(documents.inputs, for: answer)) else {
      if !answer.isStreamed { answer.fail(.sendBudgetSpent(limit: sendBudget.limit)) }
      return !answer.isStreamed
    }
    // From here on, the reservation counts what is held of the request.
    answer.request.messageIsConsumed()
    let (backlog, logger) = (backlog, logger)
    let trail = answer.request.trail
    do throws(EncodingFailure) {
      let cancel = try submit(documents.inputs, answer.flow, trail.map(JobTrail.init)) { [self] result in
        trail?.reached(.encoded)
        switch result {
        case .success(let embeddings):
          texts.withLock { $0.add(documents) }
          do throws(Status) { answer.succeed(try reply(embeddings)) } catch { answer.fail(error) }
        case .failure(let failure): answer.fail(Status(failure, named: name, logger: logger))
        }
        backlog.retry()
      }
      answer.request.cancellation.onCancel {
        cancel()
        backlog.retry()
      }
      return true
    } catch {
      if case .queueFull = error, answer.isStreamed { return false }
      answer.fail(Status(error, named: name, logger: logger))
      return true
    }
  }

  /// The bytes that a request holds until its reply is made, and the reply until it is sent: the embeddings in fp32,
  /// which no format exceeds by more than a few bytes, and the parts of the message that were read.
  private func replyBytes(_ inputs: [EncoderInput], for answer: Answer) -> Int {
    messageBytes(inputs, for: answer) + inputs.count * (MemoryLayout<Float>.size * dimensions + 64)
  }

  /// The bytes of a request's texts and names, and of the tokens of its texts.
  private func messageBytes(_ inputs: [EncoderInput], for answer: Answer) -> Int {
    answer.messageBytes + inputs.reduce(0) { $0 + $1.tokens.count } * MemoryLayout<Int32>.size
  }
}
