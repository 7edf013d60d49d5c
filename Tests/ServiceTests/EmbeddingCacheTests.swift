import Batching
import Synchronization
import Testing
import Transformer

@testable import Service

/// Which texts are encoded, and which requests get the results, with an encoder that the test controls.
@Suite struct EmbeddingCacheTests {
  private let encoder = HeldEncoder()
  private let cache: EmbeddingCache
  private let answers = Answers()

  init() {
    cache = EmbeddingCache(maxBytes: 1 << 20, encode: encoder.submit)
  }

  /// The results of requests by name.
  private final class Answers: Sendable {
    let all = Mutex<[String: Result<[[Float]], EncodingFailure>]>([:])

    subscript(_ name: String) -> Result<[[Float]], EncodingFailure>? { all.withLock { $0[name] } }
  }

  private static func input(
    _ token: Int32, task: EncodingTask = .search, role: EncodingRole = .query
  ) -> EncoderInput {
    EncoderInput(tokens: [token, 102], task: task, role: role)
  }

  @discardableResult
  private func ask(_ name: String, _ tokens: [Int32]) throws -> CancelJob {
    try ask(name, tokens.map { Self.input($0) })
  }

  @discardableResult
  private func ask(_ name: String, _ inputs: [EncoderInput]) throws -> CancelJob {
    let answers = answers
    return try cache.submit(inputs, of: .server) { result in
      let earlier = answers.all.withLock { $0.updateValue(result, forKey: name) }
      #expect(earlier == nil, "\(name) was answered twice")
    }
  }

  @Test func aTextOfOneRequestIsEncodedOnce() throws {
    try ask("a", [7, 8, 7, 7, 8])
    #expect(encoder.firstTokens == [[7, 8]])
    encoder.finish(0)
    #expect(answers["a"] == .success([[7, 0], [8, 0], [7, 0], [7, 0], [8, 0]]))
    #expect(cache.statistics.misses == 2 && cache.statistics.hits == 3)
    #expect(cache.statistics.hitRate == 0.6)
  }

  @Test func aKnownTextIsAnsweredAtOnce() throws {
    try ask("a", [7, 8])
    encoder.finish(0)
    try ask("b", [8, 7, 8])
    #expect(answers["b"] == .success([[8, 0], [7, 0], [8, 0]]))
    #expect(encoder.jobs.count == 1)
    #expect(cache.statistics.entries == 2 && cache.statistics.bytes > 0)
  }

  @Test func onlyMissingTextsAreEncoded() throws {
    try ask("a", [7])
    encoder.finish(0)
    try ask("b", [8, 7, 9])
    #expect(encoder.firstTokens == [[7], [8, 9]])
    #expect(answers["b"] == nil)
    encoder.finish(1)
    #expect(answers["b"] == .success([[8, 1], [7, 0], [9, 1]]))
  }

  @Test func tokensTaskAndRoleTellTextsApart() throws {
    let inputs = EncodingTask.standard.flatMap { task in
      EncodingRole.allCases.map { Self.input(7, task: task, role: $0) }
    }
    try ask("a", inputs + [EncoderInput(tokens: [7], task: .search, role: .query)])
    #expect(encoder.jobs[0].inputs.count == 7)
  }

  @Test func requestsWaitForTextsThatAreBeingEncoded() throws {
    try ask("a", [7, 8])
    try ask("b", [8, 9])
    try ask("c", [9, 7, 9])
    #expect(encoder.firstTokens == [[7, 8], [9]])
    encoder.finish(1)
    #expect(answers["b"] == nil && answers["c"] == nil)
    encoder.finish(0)
    #expect(answers["a"] == .success([[7, 0], [8, 0]]))
    #expect(answers["b"] == .success([[8, 0], [9, 1]]))
    #expect(answers["c"] == .success([[9, 1], [7, 0], [9, 1]]))
    #expect(cache.statistics.misses == 3 && cache.statistics.hits == 4)
  }

  @Test func theFirstRequestMayBeCancelledWithoutTheOthers() throws {
    let cancelFirst = try ask("a", [7, 8])
    let cancelSecond = try ask("b", [8])
    try ask("c", [8])
    cancelFirst()
    cancelFirst()
    cancelSecond()
    #expect(!encoder.jobs[0].isCancelled)
    encoder.finish(0)
    #expect(answers["a"] == nil && answers["b"] == nil)
    #expect(answers["c"] == .success([[8, 0]]))
  }

  @Test func aJobThatNobodyWaitsForIsCancelled() throws {
    let cancelFirst = try ask("a", [7, 8])
    let cancelSecond = try ask("b", [9, 8])
    cancelSecond()
    #expect(encoder.jobs.map(\.isCancelled) == [false, true])
    cancelFirst()
    #expect(encoder.jobs.map(\.isCancelled) == [true, true])
    try ask("c", [8])
    #expect(encoder.firstTokens == [[7, 8], [9], [8]])
    // The first job was already being answered when it was cancelled.
    encoder.finish(0)
    #expect(answers["a"] == nil && answers["c"] == nil)
    encoder.finish(2)
    #expect(answers["c"] == .success([[8, 2]]))
  }

  @Test func cancellingAnAnsweredRequestDoesNothing() throws {
    let cancel = try ask("a", [7])
    encoder.finish(0)
    cancel()
    try ask("b", [7])
    #expect(answers["b"] == .success([[7, 0]]))
    #expect(!encoder.jobs[0].isCancelled)
  }

  @Test func aRefusedRequestLeavesNothing() throws {
    let failure = EncodingFailure.queueFull(flowTokens: 5, waitingTokens: 5, limit: 4)
    try ask("a", [7])
    encoder.finish(0)
    try ask("b", [8])
    encoder.refuse(failure)
    #expect(throws: failure) { try ask("c", [7, 8, 9]) }
    try ask("known", [7, 7])
    try ask("under way", [8])
    #expect(answers["known"] == .success([[7, 0], [7, 0]]))
    encoder.refuse(nil)
    try ask("d", [9])
    #expect(encoder.firstTokens == [[7], [8], [9]])
    encoder.finish(1)
    encoder.finish(2)
    #expect(answers["under way"] == .success([[8, 1]]))
    #expect(answers["d"] == .success([[9, 2]]))
    #expect(answers["c"] == nil)
    #expect(cache.statistics.misses == 3 && cache.statistics.hits == 3)
  }

  @Test func aFailureNamesThePlaceInEachRequest() throws {
    try ask("a", [7, 8, 9])
    try ask("b", [5, 6, 8, 8])
    encoder.fail(0, .notFinite(sequence: 1))
    #expect(answers["a"] == .failure(.notFinite(sequence: 1)))
    #expect(answers["b"] == .failure(.notFinite(sequence: 2)))
    #expect(encoder.jobs.map(\.isCancelled) == [false, true], "nobody waits for 5 and 6 any more")
    try ask("c", [8])
    #expect(encoder.jobs.count == 3, "a failure is not kept")
  }

  @Test func aFailureOfAnotherTextIsNoFailure() throws {
    let cancel = try ask("a", [7, 8, 9])
    try ask("b", [9, 5])
    try ask("c", [9, 7])
    cancel()
    encoder.fail(0, .notFinite(sequence: 1))
    #expect(encoder.jobs.count <= 4)
    for place in 1..<encoder.jobs.count { encoder.finish(place) }
    #expect(try answers["b"]?.get().map { $0[0] } == [9, 5])
    #expect(try answers["c"]?.get().map { $0[0] } == [9, 7])
    #expect(cache.statistics.misses == 6 && cache.statistics.hits == 4)
  }

  @Test func aFullQueueAfterAFailureOfAnotherTextIsSaid() throws {
    let failure = EncodingFailure.queueFull(flowTokens: 5, waitingTokens: 5, limit: 4)
    try ask("a", [7, 8])
    try ask("b", [5, 7])
    encoder.refuse(failure)
    encoder.fail(0, .notFinite(sequence: 1))
    #expect(answers["b"] == .failure(failure))
    #expect(encoder.jobs[1].isCancelled)
  }

  @Test func aLimitOfOneEmbeddingKeepsTheLast() throws {
    let small = EmbeddingCache(maxBytes: 520, encode: encoder.submit)
    for token: Int32 in [7, 8, 8, 7] {
      let before = encoder.jobs.count
      _ = try small.submit([Self.input(token)], of: .server) { _ in }
      if encoder.jobs.count > before { encoder.finish(before) }
      #expect(small.statistics.entries == 1 && small.statistics.bytes <= 520)
    }
    #expect(small.statistics.misses == 3 && small.statistics.hits == 1)
  }
}
