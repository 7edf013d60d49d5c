import Batching
import Synchronization
import TestSupport
import Testing
import Transformer

@testable import Service

/// Many threads use one cache in front of a real encoder.
@Suite struct ConcurrentCacheTests {
  private let runner: BatchRunner

  init() throws {
    let model = try ServedModel(path: Fixtures.tinyExpert)
    runner = BatchRunner(model: model.encoder, threads: 3, maxBatchTokens: 200, maxQueueTokens: 1 << 20)
  }

  /// The first embedding of each text.
  private final class FirstBits: Sendable {
    private let embeddings = Mutex<[Int: [Float]]>([:])

    func of(_ number: Int, or embedding: [Float]) -> [Float] {
      embeddings.withLock { embeddings in
        let first = embeddings[number] ?? embedding
        embeddings[number] = first
        return first
      }
    }
  }

  private func cache(maxBytes: Int) -> EmbeddingCache {
    let runner = runner
    return EmbeddingCache(maxBytes: maxBytes) { inputs, flow, observer, completion throws(EncodingFailure) in
      let ticket = try runner.submit(inputs, of: flow, observer: observer, completion: completion)
      return { ticket.cancel() }
    }
  }

  private static func input(_ number: Int) -> EncoderInput {
    let tokens = [101, Int32(1_000 + number), Int32(2_000 + number % 7), 102]
    return EncoderInput(tokens: tokens, task: EncodingTask.standard[number % 3], role: .query)
  }

  private func embeddings(_ cache: EmbeddingCache, _ numbers: [Int]) async throws -> [[Float]] {
    try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try cache.submit(numbers.map(Self.input), of: .server) { continuation.resume(with: $0) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  @Test func everyRequestGetsTheSameBitsOfAText() async throws {
    let cache = cache(maxBytes: 1 << 20)
    let firstBits = FirstBits()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for submitter in 0..<16 {
        group.addTask {
          var generator = SeededGenerator(seed: UInt64(submitter))
          for _ in 0..<30 {
            let numbers = (0..<8).map { _ in Int.random(in: 0..<40, using: &generator) }
            let embeddings = try await embeddings(cache, numbers)
            for (number, embedding) in zip(numbers, embeddings) {
              #expect(firstBits.of(number, or: embedding) == embedding, "text \(number)")
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(cache.statistics.misses == 40 && cache.statistics.hits == 16 * 30 * 8 - 40)
    try await runner.shutdown()
  }

  @Test func cancellingAtAnyMomentAnswersEveryOtherRequest() async throws {
    // Space for some of the texts.
    let cache = cache(maxBytes: 5_000)
    var generator = SeededGenerator(seed: 7)
    let answered = Mutex<[Int: Int]>([:])
    var kept: [Int] = []
    for index in 0..<500 {
      let inputs = (0..<3).map { _ in Self.input(Int.random(in: 0..<20, using: &generator)) }
      let cancel = try cache.submit(inputs, of: .server) { result in
        if case .success(let embeddings) = result, !embeddings.contains([]) {
          answered.withLock { $0[index, default: 0] += 1 }
        }
      }
      if generator.happens(0.5) { cancel() } else { kept.append(index) }
      #expect(cache.statistics.bytes <= 5_000)
    }
    try await runner.shutdown()
    let counts = answered.withLock { $0 }
    #expect(kept.allSatisfy { counts[$0] == 1 })
    #expect(counts.values.allSatisfy { $0 == 1 })
  }
}
