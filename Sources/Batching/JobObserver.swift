import NIOCore

/// Observes one job.
public protocol JobObserver: Sendable {
  /// The queue has admitted the job. Called under a lock.
  func jobWasAdmitted(sequences: Int)

  /// A worker begins the job's first sequence. Called on the worker's thread.
  func jobBegan(at time: NIODeadline)
}
