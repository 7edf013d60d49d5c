import Dispatch

/// Runs a client's part on a separate thread: the client blocks, and may wait for results of the threads that run
/// tests.
func conversation<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(with: .init(catching: body)) }
  }
}
