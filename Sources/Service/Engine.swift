import Batching
import GRPC
import Logging
import NIOCore
import NIOPosix
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

    public init(threads: Int, maxBatchTokens: Int, maxQueueTokens: Int, maxDocuments: Int) {
      self.threads = threads
      self.maxBatchTokens = maxBatchTokens
      self.maxQueueTokens = maxQueueTokens
      self.maxDocuments = maxDocuments
    }
  }

  public let model: ServedModel
  let maxDocuments: Int
  private let runner: BatchRunner
  /// Unpacks, validates and tokenises: milliseconds for a large request, too long for an event loop.
  private let readers: NIOThreadPool
  private let logger: Logger

  public init(model: ServedModel, limits: Limits, logger: Logger) {
    self.model = model
    self.logger = logger
    maxDocuments = limits.maxDocuments
    runner = BatchRunner(
      model: model.encoder, threads: limits.threads, maxBatchTokens: limits.maxBatchTokens,
      maxQueueTokens: limits.maxQueueTokens)
    readers = NIOThreadPool(numberOfThreads: limits.threads)
    readers.start()
  }

  var validation: Validation { Validation(model: model, maxDocuments: maxDocuments) }

  /// Encodes a text of each task, so that the first request finds memory and caches warm.
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

  /// Runs `body` on a reader thread, and answers the call where it throws.
  func prepare(_ call: UnaryCall, _ body: @escaping @Sendable () throws(Status) -> Void) {
    readers.submit { state in
      guard state == .active else { return call.respond(.failure(.stopping)) }
      guard !call.cancellation.isCancelled else { return }
      do throws(Status) {
        try body()
      } catch {
        call.respond(.failure(error))
      }
      call.messageIsConsumed()
    }
  }

  /// Encodes sequences and answers the call with what `reply` makes of the embeddings, on a worker thread.
  /// - Parameter name: what the request calls the sequence of this place.
  func encode(
    _ inputs: [EncoderInput], named name: @escaping @Sendable (Int) -> String, for call: UnaryCall,
    reply: @escaping @Sendable ([[Float]]) -> ByteBuffer
  ) {
    let logger = logger
    do throws(EncodingFailure) {
      let ticket = try runner.submit(inputs) { result in
        call.respond(result.map(reply).mapError { Status($0, named: name, logger: logger) })
      }
      call.cancellation.onCancel { ticket.cancel() }
    } catch {
      call.respond(.failure(Status(error, named: name, logger: logger)))
    }
  }
}
