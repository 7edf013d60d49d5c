import HTTP2
import Logging
import Transformer

/// The most memory that a server may need, part by part: the sum in docs/operations.md.
///
/// Each part is the maximum that its options allow, or a measured constant. If memory is limited, defaults are lowered.
/// Explicit values are kept, or refused.
struct MemoryPlan {
  /// One part of the sum.
  struct Part: Equatable {
    let name: String
    /// The options that make the part smaller.
    let options: String
    /// The size in whole MiB, so that the displayed parts add up to the displayed sum.
    let mebibytes: Int

    init(_ name: String, _ options: String, bytes: Int) {
      self.name = name
      self.options = options
      mebibytes = (bytes + (1 << 20) - 1) >> 20
    }
  }

  let footprint: EncoderFootprint
  /// The number of values in an embedding.
  let dimensions: Int
  let vocabularySize: Int
  /// The longest text, in tokens.
  let maxTokens: Int
  private(set) var threads: MemoryBound
  let maxBatchTokens: Int
  let maxQueueTokens: Int
  let maxDocuments: Int
  let maxMessageBytes: Int
  let receive: MemoryBound
  let send: MemoryBound
  let cache: MemoryBound
  let connections: MemoryBound
  /// The share of each default that is kept, in thousandths.
  private(set) var thousandths = 1_000
  /// The available bytes; nil for no limit.
  private(set) var limit: Int?

  // MARK: Bounds

  var threadCount: Int { threads.value }

  /// Less than one message would be too little for any request.
  var receiveBytes: Int { receive.scaled(thousandths: thousandths, least: maxMessageBytes) }
  var sendBytes: Int { send.scaled(thousandths: thousandths, least: maxMessageBytes) }
  var cacheBytes: Int { cache.scaled(thousandths: thousandths, least: 0) }
  var maxConnections: Int { connections.scaled(thousandths: thousandths, least: 16) }

  // MARK: Parts

  /// The parts at the larger of two moments: when the weights are read, or when all limits are reached.
  var parts: [Part] {
    let permanent = [runtime, weights]
    let loading = [Part("the largest weights as they are read", "--model", bytes: footprint.loadingBytes)]
    let serving = [activations, reading, answering, unfinishedMessages, queue, replies, embeddings, openConnections]
    func sum(_ parts: [Part]) -> Int { parts.reduce(0) { $0 + $1.mebibytes } }
    return permanent + (sum(loading) > sum(serving) ? loading : serving)
  }

  var mebibytes: Int { parts.reduce(0) { $0 + $1.mebibytes } }

  /// The program, its libraries and their memory (measured: 10 MB of its own, 24 MB of mapped files), and the
  /// vocabulary's tokens (measured: 190 bytes each).
  private var runtime: Part {
    Part("program and vocabulary", "--model", bytes: 40 << 20 + 256 * vocabularySize)
  }

  private var weights: Part { Part("model weights", "--model, --precision", bytes: footprint.weightBytes) }

  /// A worker has activations for long passes, and others for short work in between.
  private var activations: Part {
    Part("activations", "--threads", bytes: threadCount * 2 * footprint.scratchBytes)
  }

  /// A request that is being read: its message decompressed and as texts. Between the two, it exists as unpacked by
  /// protobuf-c; that is freed before the tokens exist, in an array that doubles as it grows.
  private var reading: Part {
    let unpacked = 2 * maxMessageBytes + 512 * maxDocuments
    let tokens = 2 * maxDocuments * maxTokens * MemoryLayout<Int32>.size
    return Part(
      "requests being read", "--threads, --max-message-bytes, --max-documents",
      bytes: threadCount * (2 * maxMessageBytes + max(unpacked, tokens)))
  }

  /// A reply that is being made: in protobuf-c's form, packed, and framed or compressed. Only embeddings, or returned
  /// texts, make it long.
  private var answering: Part {
    let embeddings = maxDocuments * (dimensions * MemoryLayout<Float>.size + 64)
    return Part(
      "replies being made", "--threads, --max-documents, --max-message-bytes",
      bytes: threadCount * 3 * max(embeddings, maxMessageBytes + 64 * maxDocuments))
  }

  /// A buffer doubles as it grows, so it may have twice the bytes of its content.
  private var unfinishedMessages: Part {
    Part("unfinished messages", "--max-receive-bytes", bytes: 2 * receiveBytes)
  }

  /// Waiting and running work: tokens, and the bookkeeping of each text, which has at least two tokens. A request
  /// larger than the queue is admitted alone.
  private var queue: Part {
    let (running, requestTexts) = (threadCount * maxBatchTokens, maxDocuments + 1)
    let tokens = max(maxQueueTokens, requestTexts * maxTokens) + running
    let texts = max(maxQueueTokens / 2, requestTexts) + running / 2
    return Part(
      "queue", "--max-queue-tokens, --max-batch-tokens",
      bytes: tokens * MemoryLayout<Int32>.size + texts * Self.textBytes)
  }

  /// The entries of a text in lists of the queue, of the cache's ledger and of its request.
  private static let textBytes = 384

  /// Replies are held in buffers that may be twice as long, or as a message and its texts.
  private var replies: Part { Part("replies", "--max-send-bytes", bytes: 2 * sendBytes) }

  private var embeddings: Part { Part("cache", "--cache-bytes", bytes: cacheBytes) }

  private var openConnections: Part {
    Part("connections", "--max-connections", bytes: maxConnections * ConnectionLimits().connectionBytes)
  }

  // MARK: The limit

  /// The plan with as much of its defaults as fits in the lower of the control group's and the process's own limits.
  /// - Parameter threads: the number of threads whose stacks must fit as well.
  /// - Throws: ``Failure``, as ``fitting(_:as:)`` does.
  func fittingLimits(threads: Int) throws(Failure) -> MemoryPlan {
    let group = ControlGroup.current.memoryLimit
    // The program and the vocabulary are already in memory, and count as used.
    let own = ProcessLimits.current.memoryLeft(threads: threads).map {
      ($0.option, max($0.bytes + (runtime.mebibytes << 20), 0))
    }
    guard let (option, bytes) = own, bytes < group ?? .max else { return try fitting(group) }
    return try fitting(bytes, as: "\(option) leaves it, beside the stacks of \(threads) threads,")
  }

  /// The plan with as much of its defaults as fits. The number of threads is lowered last: only if almost nothing would
  /// remain of the other defaults.
  /// - Parameters:
  ///   - limit: bytes; nil for no limit.
  ///   - source: what sets the limit, as the beginning of a sentence.
  /// - Throws: ``Failure`` with the sum if even the lowest values do not fit.
  func fitting(_ limit: Int?, as source: String = "its control group has") throws(Failure) -> MemoryPlan {
    guard let limit else { return self }
    let counts = threads.isGiven ? [threads] : (1...threads.value).reversed().map { MemoryBound(byDefault: $0) }
    let plans = counts.compactMap { lowered(to: limit, threads: $0) }
    if let plan = plans.first(where: { $0.thousandths >= Self.leastThousandths }) ?? plans.first { return plan }
    var least = self
    least.thousandths = 0
    least.threads = counts[counts.count - 1]
    throw Failure(
      "the server may come to need \(least.mebibytes) MiB of memory, and \(source) \(limit >> 20) MiB: "
        + least.parts.map { "\($0.mebibytes) \($0.name) (\($0.options))" }.joined(separator: " + ")
        + "; lower these options, or raise the limit")
  }

  /// With less than this share of the other defaults, threads would wait for messages and for clients to read.
  private static let leastThousandths = 50

  /// The plan with the largest share of its defaults that fits; nil if none does.
  private func lowered(to limit: Int, threads: MemoryBound) -> MemoryPlan? {
    var plan = self
    plan.limit = limit
    plan.threads = threads
    func fits(_ thousandths: Int) -> Bool {
      plan.thousandths = thousandths
      return plan.mebibytes << 20 <= limit
    }
    var (kept, tooMany) = (-1, 1_001)
    while tooMany - kept > 1 {
      let middle = (kept + tooMany) / 2
      if fits(middle) { kept = middle } else { tooMany = middle }
    }
    plan.thousandths = kept
    return kept >= 0 ? plan : nil
  }

  /// The values for the operator's log.
  var logged: Logger.Metadata {
    [
      "may-need-mib": "\(mebibytes)", "limit-mib": "\(limit.map { String($0 >> 20) } ?? "none")",
      "max-receive-bytes": "\(receiveBytes)", "max-send-bytes": "\(sendBytes)", "cache-bytes": "\(cacheBytes)",
      "max-connections": "\(maxConnections)",
    ]
  }
}

extension MemoryPlan {
  init(_ options: ServeCommand, _ blueprint: ModelBlueprint) throws {
    self.init(
      footprint: try blueprint.footprint(precision: options.modelOptions.precision.requested),
      dimensions: blueprint.dimensions, vocabularySize: blueprint.configuration.vocabularySize,
      maxTokens: blueprint.maxTokens,
      threads: options.modelOptions.threads.map(MemoryBound.init(given:))
        ?? MemoryBound(byDefault: options.modelOptions.threadCount),
      maxBatchTokens: options.maxBatchTokens, maxQueueTokens: options.maxQueueTokens,
      maxDocuments: options.maxDocuments, maxMessageBytes: options.maxMessageBytes, receive: options.maxReceiveBytes,
      send: options.maxSendBytes, cache: options.cacheBytes, connections: options.maxConnections)
  }
}
