import NIOCore

/// Is told of one job.
public protocol JobObserver: Sendable {
  /// The queue has taken it. Called under a lock.
  func jobWasAdmitted(sequences: Int)

  /// A worker begins with its first sequence. Called on the worker's thread.
  func jobBegan(at time: NIODeadline)
}
