import Dispatch
import NIOCore
import Synchronization
import TestSupport
import Testing
import Transformer

@testable import Batching

/// A runner's reports about a job.
@Suite struct JobObserverTests {
  private final class Notes: JobObserver {
    private let notes = Mutex<(admitted: [Int], begun: [NIODeadline])>(([], []))

    var admitted: [Int] { notes.withLock(\.admitted) }
    var begun: [NIODeadline] { notes.withLock(\.begun) }

    func jobWasAdmitted(sequences: Int) { notes.withLock { $0.admitted.append(sequences) } }

    func jobBegan(at time: NIODeadline) { notes.withLock { $0.begun.append(time) } }
  }

  private let runner: BatchRunner
  private let notes = Notes()

  init() throws {
    runner = BatchRunner(model: try TinyExpert.load(), threads: 1, maxBatchTokens: 300, maxQueueTokens: 1_000)
  }

  private func submit(_ count: Int) throws -> NIODeadline {
    let ids = [Int32](repeating: 5, count: 100)
    let input = EncoderInput(tokens: ids, task: .search, role: .query)
    let done = Mutex<NIODeadline?>(nil)
    let semaphore = DispatchSemaphore(value: 0)
    _ = try runner.submit([EncoderInput](repeating: input, count: count), observer: notes) { _ in
      done.withLock { $0 = .now() }
      semaphore.signal()
    }
    semaphore.wait()
    let end = done.withLock(\.self)
    return try #require(end)
  }

  @Test func aJobInSlicesBeginsOnce() async throws {
    let before = NIODeadline.now()
    let end = try submit(10)
    #expect(notes.admitted == [10])
    #expect(notes.begun.count == 1)
    #expect(before < notes.begun[0] && notes.begun[0] < end)
    try await runner.shutdown()
  }

  @Test func whatIsRefusedIsNotAdmitted() async throws {
    try await runner.shutdown()
    #expect(throws: EncodingFailure.draining) { _ = try submit(1) }
    #expect(notes.admitted.isEmpty && notes.begun.isEmpty)
  }
}
