import NIOCore

/// What a batch was, told when it is encoded and its jobs are not answered yet.
public struct BatchReport: Sendable {
  public let sequences: Int
  public let tokens: Int
  /// From the start of its passes to their end, with the short batches that ran in between.
  public let encodeTime: TimeAmount
  /// Of the jobs whose first sequence it has: the time from their admission to the batch's start.
  public let queueWaits: [TimeAmount]
}

/// Called on worker threads.
public typealias BatchObserver = @Sendable (BatchReport) -> Void
