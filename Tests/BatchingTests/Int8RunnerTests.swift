import Checkpoint
import TestSupport
import Testing
import Transformer

@testable import Batching

/// In int8, neither the number of threads nor other texts in a batch change any bit of a result.
@Suite struct Int8RunnerTests {
  private static func load() throws -> EncoderModel {
    try EncoderModel(ModelBlueprint(folder: ModelFolder(path: Fixtures.tinyExpert)), precision: .int8)
  }

  private static func bits(_ embeddings: [[Float]]) -> [[UInt32]] { embeddings.map { $0.map(\.bitPattern) } }

  @Test(arguments: [1, 2, 4])
  func longSequencesAreSharedByIdleThreads(threads: Int) async throws {
    let model = try Self.load()
    let runner = BatchRunner(model: model, threads: threads, maxBatchTokens: 16_384, maxQueueTokens: 1 << 20)
    var generator = SeededGenerator(seed: 51)
    for count in [1, 1, 2, 1, 5, 1, 9] {
      let inputs = generator.inputs(count, longest: 512)
      let alone = inputs.map { model.encode([$0], scratch: Scratch())[0] }
      #expect(Self.bits(try await runner.encode(inputs)) == Self.bits(alone))
    }
    try await runner.shutdown()
  }

  @Test(arguments: [1, 2, 4])
  func manySubmittersGetTheBitsOfEachSequenceAlone(threads: Int) async throws {
    let model = try Self.load()
    let runner = BatchRunner(model: model, threads: threads, maxBatchTokens: 2_048, maxQueueTokens: 1 << 20)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for submitter in 0..<12 {
        group.addTask {
          var generator = SeededGenerator(seed: UInt64(60 + submitter))
          var isSame = true
          for _ in 0..<4 {
            let longest = generator.happens(0.5) ? 512 : 40
            let inputs = generator.inputs(Int.random(in: 1...6, using: &generator), longest: longest)
            let alone = inputs.map { model.encode([$0], scratch: Scratch())[0] }
            isSame = try await Self.bits(runner.encode(inputs)) == Self.bits(alone) && isSame
          }
          return isSame
        }
      }
      for try await isSame in group { #expect(isSame) }
    }
    try await runner.shutdown()
  }

  /// One batch with texts for experts of different adapters, for the plain encoder, and for two encoders.
  @Test(arguments: ["bottleneck-different", "lora-and-bottleneck", "encoders-medcpt"], [1, 2, 4])
  func expertsOfEveryKindGetTheBitsOfEachSequenceAlone(variant: String, threads: Int) async throws {
    let folder = try ModelFolder(path: Fixtures.golden + "/variants/" + variant)
    let model = try EncoderModel(ModelBlueprint(folder: folder), precision: .int8)
    let runner = BatchRunner(model: model, threads: threads, maxBatchTokens: 16_384, maxQueueTokens: 1 << 20)
    var generator = SeededGenerator(seed: 57)
    for count in [1, 30, 2, 90] {
      let inputs = (0..<count).map { _ in
        let length = Int.random(in: 1...model.blueprint.maxTokens, using: &generator)
        return EncoderInput(
          tokens: (0..<length).map { _ in Int32.random(in: 0..<192, using: &generator) },
          task: model.blueprint.tasks.randomElement(using: &generator) ?? .search,
          role: EncodingRole.allCases.randomElement(using: &generator) ?? .query)
      }
      let alone = inputs.map { model.encode([$0], scratch: Scratch())[0] }
      #expect(Self.bits(try await runner.encode(inputs)) == Self.bits(alone))
    }
    try await runner.shutdown()
  }
}
