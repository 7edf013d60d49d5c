import NIOCore

/// Describes a batch after a worker has encoded it and before its jobs are answered.
public struct BatchReport: Sendable {
  public let sequences: Int
  public let tokens: Int
  /// The time from the start of the batch's passes to their end, including short batches that ran in between.
  public let encodeTime: TimeAmount
  /// For each job that begins in this batch: the time from its admission to the batch's start.
  public let queueWaits: [TimeAmount]
}

/// Receives a report of each batch, on a worker thread.
public typealias BatchObserver = @Sendable (BatchReport) -> Void
