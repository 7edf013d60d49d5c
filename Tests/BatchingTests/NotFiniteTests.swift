import Batching
import Synchronization
import TestSupport
import Testing
import Transformer

/// If the encoder's result for a sequence is not finite, only that sequence's job fails.
@Suite struct NotFiniteTests {
  private static func input(_ tokens: [Int32]) -> EncoderInput {
    EncoderInput(tokens: tokens, task: .search, role: .query)
  }

  @Test func failsItsJobAndNamesTheSequence() async throws {
    let model = try PoisonedModel()
    let good = Self.input([5, 30, 31, 32, 6])
    let poison = Self.input([5, 30, 31, PoisonedModel.token, 6])
    let elsewhere = Self.input([5, PoisonedModel.token, 31, 32, 6])
    let runner = BatchRunner(model: model.encoder, threads: 1, maxBatchTokens: 1_000, maxQueueTokens: 1_000)
    let expected = model.encoder.encode([good], scratch: Scratch())
    let worker = try await BusyWorker(of: runner)
    let results = Mutex<[String: Result<[[Float]], EncodingFailure>]>([:])
    for (name, inputs) in [("before", [good]), ("poisoned", [good, elsewhere, poison]), ("after", [good])] {
      _ = try runner.submit(inputs) { result in results.withLock { $0[name] = result } }
    }
    worker.letGo()
    try await runner.shutdown()
    let all = results.withLock { $0 }
    #expect(all["poisoned"] == .failure(.notFinite(sequence: 2)))
    for name in ["before", "after"] {
      #expect(areClose(try #require(all[name]).get(), expected))
    }
  }
  @Test func leavesTheOthersOfItsJobWhereEachIsForItself() async throws {
    let model = try PoisonedModel()
    let good = [Self.input([5, 30, 31, 32, 6]), Self.input([5, 33, 6])]
    let poison = Self.input([5, 30, 31, PoisonedModel.token, 6])
    let runner = BatchRunner(model: model.encoder, threads: 2, maxBatchTokens: 1_000, maxQueueTokens: 1_000)
    let embeddings = try await runner.encodeEach([good[0], poison, good[1], poison])
    try await runner.shutdown()
    #expect(embeddings.map { $0 == nil } == [false, true, false, true])
    #expect(areClose(embeddings.compactMap(\.self), model.encoder.encode(good, scratch: Scratch())))
  }
}
