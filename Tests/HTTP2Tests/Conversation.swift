import Dispatch

/// Runs a client's part on a thread of its own: the client blocks, and what it waits for may need the threads that
/// tests run on.
func conversation<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(with: .init(catching: body)) }
  }
}
