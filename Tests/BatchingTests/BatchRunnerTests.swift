import Synchronization
import TestSupport
import Testing
import Transformer

@testable import Batching

/// Jobs of many submitters on worker threads.
@Suite struct BatchRunnerTests {
  let model: EncoderModel

  init() throws {
    model = try TinyExpert.load()
  }

  private func runner(threads: Int = 1, batch: Int = 512, queue: Int = 1 << 20) -> BatchRunner {
    BatchRunner(model: model, threads: threads, maxBatchTokens: batch, maxQueueTokens: queue)
  }

  private func alone(_ inputs: [EncoderInput]) -> [[Float]] {
    inputs.map { model.encode([$0], scratch: Scratch())[0] }
  }

  @Test(arguments: [(threads: 1, batch: 64), (threads: 2, batch: 512), (threads: 4, batch: 16_384)])
  func manySubmittersEachGetTheirOwnEmbeddings(threads: Int, batch: Int) async throws {
    let runner = runner(threads: threads, batch: batch)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for submitter in 0..<24 {
        group.addTask {
          var generator = SeededGenerator(seed: UInt64(submitter))
          var isRight = true
          for _ in 0..<4 {
            let inputs = generator.inputs(Int.random(in: 1...9, using: &generator))
            let embeddings = try await runner.encode(inputs)
            isRight = isRight && areClose(embeddings, alone(inputs))
          }
          return isRight
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
    try await runner.shutdown()
  }

  @Test func aJobLargerThanTheQueueIsServed() async throws {
    let runner = runner(threads: 2, batch: 50, queue: 10)
    var generator = SeededGenerator(seed: 31)
    let inputs = generator.inputs(60)
    let embeddings = try await runner.encode(inputs)
    #expect(areClose(embeddings, alone(inputs)))
    try await runner.shutdown()
  }

  @Test func aFullQueueSaysHowFullItIs() async throws {
    let runner = runner(queue: 10)
    let worker = try await BusyWorker(of: runner)
    let input = EncoderInput(tokens: [101, 7, 8, 9, 102], task: .search, role: .query)
    _ = try runner.submit([input]) { _ in }
    _ = try runner.submit([input]) { _ in }
    #expect(throws: EncodingFailure.queueFull(flowTokens: 10, waitingTokens: 10, limit: 10)) {
      _ = try runner.submit([input]) { _ in }
    }
    worker.letGo()
    try await runner.shutdown()
  }

  @Test func aCancelledJobIsNotAnsweredAndMakesRoom() async throws {
    let runner = runner(queue: 10)
    let worker = try await BusyWorker(of: runner)
    let input = EncoderInput(tokens: [Int32](repeating: 5, count: 10), task: .search, role: .query)
    let answers = Mutex<[String]>([])
    let ticket = try runner.submit([input]) { _ in answers.withLock { $0.append("cancelled") } }
    ticket.cancel()
    ticket.cancel()
    _ = try runner.submit([input]) { _ in answers.withLock { $0.append("kept") } }
    worker.letGo()
    try await runner.shutdown()
    #expect(answers.withLock { $0 } == ["kept"])
  }

  @Test func shutdownFinishesWhatWasAdmittedAndTakesNoMore() async throws {
    let runner = runner(threads: 1, batch: 20)
    let worker = try await BusyWorker(of: runner)
    var generator = SeededGenerator(seed: 32)
    let jobs = (0..<12).map { _ in generator.inputs(3) }
    let answers = Mutex<[Int: [[Float]]]>([:])
    for (index, inputs) in jobs.enumerated() {
      _ = try runner.submit(inputs) { result in answers.withLock { $0[index] = try? result.get() } }
    }
    async let stopped: Void = runner.shutdown()
    worker.letGo()
    try await stopped
    for (index, inputs) in jobs.enumerated() {
      #expect(areClose(answers.withLock { $0[index] } ?? [], alone(inputs)), "job \(index)")
    }
    #expect(throws: EncodingFailure.draining) { _ = try runner.submit(jobs[0]) { _ in } }
    await #expect(throws: EncodingFailure.draining) { try await runner.encode(jobs[0]) }
  }

  @Test func shutdownFinishesWhatWasAdmittedBeforeAnyWorkerRan() async throws {
    let inputs = [EncoderInput(tokens: [101, 102], task: .search, role: .query)]
    for _ in 0..<20 {
      let runner = runner(threads: 2)
      let answers = Mutex(0)
      _ = try runner.submit(inputs) { _ in answers.withLock { $0 += 1 } }
      try await runner.shutdown()
      #expect(answers.withLock { $0 } == 1)
    }
  }

  @Test func cancellingAtAnyMomentAnswersEveryOtherJob() async throws {
    let runner = runner(threads: 2, batch: 100)
    var generator = SeededGenerator(seed: 33)
    _ = try await runner.encode(generator.inputs(1))
    let answered = Mutex<[Int: Int]>([:])
    var kept: [Int] = []
    for index in 0..<200 {
      let ticket = try runner.submit(generator.inputs(2, longest: 12)) { result in
        if case .success = result { answered.withLock { $0[index, default: 0] += 1 } }
      }
      if generator.happens(0.5) { ticket.cancel() } else { kept.append(index) }
    }
    try await runner.shutdown()
    let counts = answered.withLock { $0 }
    #expect(kept.allSatisfy { counts[$0] == 1 })
    #expect(counts.values.allSatisfy { $0 == 1 })
  }
}
