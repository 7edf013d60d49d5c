import Batching
import Metrics

/// Measures the encoder's batches, including the warm-up.
public struct BatchMetrics: Sendable {
  private let sequences: Recorder
  private let tokens: Recorder
  private let encodeTime: Timer
  private let queueWait: Timer

  public init(factory: any MetricsFactory) {
    sequences = Recorder(label: Self.sequences.name, factory: factory)
    tokens = Recorder(label: Self.tokens.name, factory: factory)
    encodeTime = Timer(label: Self.encodeTime.name, factory: factory)
    queueWait = Timer(label: Self.queueWait.name, factory: factory)
  }

  @Sendable public func observe(_ batch: BatchReport) {
    sequences.record(batch.sequences)
    tokens.record(batch.tokens)
    encodeTime.recordNanoseconds(batch.encodeTime.nanoseconds)
    for wait in batch.queueWaits { queueWait.recordNanoseconds(wait.nanoseconds) }
  }

  private static let sequences = MetricDescription(
    "scimult_batch_sequences", .powersOfTwo(upTo: 10), help: "Sequences of a batch.")
  private static let tokens = MetricDescription(
    "scimult_batch_tokens", .powersOfTwo(upTo: 14), help: "Tokens of a batch.")
  private static let encodeTime = MetricDescription(
    "scimult_encode_seconds", .seconds, help: "Time to encode a batch, with short batches that ran in between.")
  private static let queueWait = MetricDescription(
    "scimult_queue_wait_seconds", .seconds, help: "Time from a job's admission to the queue until its encoding began.")

  static let descriptions = [sequences, tokens, encodeTime, queueWait]
}
