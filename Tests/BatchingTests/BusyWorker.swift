import Batching
import Dispatch
import Transformer

/// Keeps a runner's only worker busy until it is released, so that submitted jobs wait.
final class BusyWorker: Sendable {
  private let gate = DispatchSemaphore(value: 0)

  init(of runner: BatchRunner) async throws {
    let gate = gate
    let input = EncoderInput(tokens: [101, 102], task: .search, role: .query)
    try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try runner.submit([input]) { _ in
          continuation.resume()
          gate.wait()
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  func letGo() {
    gate.signal()
  }
}
