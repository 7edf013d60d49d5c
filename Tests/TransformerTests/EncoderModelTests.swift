import Checkpoint
import TestSupport
import Testing

@testable import Transformer

/// Encoding as a whole: order, roles, memory that calls share.
@Suite struct EncoderModelTests {
  private static func model(_ path: String) throws -> EncoderModel {
    try EncoderModel(ModelBlueprint(folder: ModelFolder(path: path)), precision: .fp32)
  }

  private static func input(_ tokens: [Int32], _ task: EncodingTask = .search, _ role: EncodingRole = .query)
    -> EncoderInput
  {
    EncoderInput(tokens: tokens, task: task, role: role)
  }

  @Test func nothingGivesNothing() throws {
    #expect(try Self.model(Fixtures.tinyExpert).encode([], scratch: Scratch()).isEmpty)
  }

  @Test func embeddingsAreInTheInputsOrderThoughPassesAreCut() throws {
    let model = try Self.model(Fixtures.tinyExpert)
    var generator = SeededGenerator(seed: 71)
    // More rows than fit into one pass.
    let inputs = (0..<40).map { index in
      let tokens = (0..<60).map { _ in Int32.random(in: 0..<30_522, using: &generator) }
      return Self.input(tokens, EncodingTask.standard[index % 3])
    }
    let scratch = Scratch()
    let together = model.encode(inputs, scratch: scratch)
    for (input, embedding) in zip(inputs, together) {
      let alone = model.encode([input], scratch: scratch)[0]
      #expect(zip(alone, embedding).allSatisfy { abs($0 - $1) <= 1e-5 })
    }
  }

  @Test func scratchMemoryMayServeModelsOfOtherShapes() throws {
    let scratch = Scratch()
    let paths = [Fixtures.tinyExpert, Fixtures.golden + "/variants/heads-of-12", Fixtures.tinyExpert]
    for path in paths {
      let model = try Self.model(path)
      let input = Self.input([5, 6, 7, 8, 9, 10, 11])
      #expect(model.encode([input], scratch: scratch) == model.encode([input], scratch: Scratch()))
    }
  }

  @Test func separateEncodersTellTheRolesApart() throws {
    let model = try Self.model(Fixtures.golden + "/variants/separate-encoders")
    #expect(model.blueprint.layouts.count == 2)
    let tokens: [Int32] = [5, 20, 21, 6]
    let both = model.encode([Self.input(tokens, .search, .candidate), Self.input(tokens)], scratch: Scratch())
    #expect(both[0] != both[1])
    let shared = try Self.model(Fixtures.tinyExpert)
    let same = shared.encode([Self.input(tokens, .search, .candidate), Self.input(tokens)], scratch: Scratch())
    #expect(zip(same[0], same[1]).allSatisfy { abs($0 - $1) <= 1e-5 })
  }

  @Test func theParametersOfBothEncodersAreCounted() throws {
    // (vocabulary + positions + 2) · hidden for the embeddings and their norm; 4 h² + 2 h f + 9 h + f for a layer,
    // where a task-specific attention occurs three times.
    let (hidden, wide, layers) = (64, 256, 4)
    let attention = 4 * hidden * hidden + 4 * hidden
    let feedForward = 2 * hidden * wide + wide + hidden + 2 * hidden
    let embeddings = (30_522 + 512 + 2) * hidden
    let expected = embeddings + layers * (feedForward + 2 * hidden) + 2 * attention + 2 * 3 * attention
    let model = try Self.model(Fixtures.tinyExpert)
    #expect(model.blueprint.configuration.maxPositions == 512)
    #expect(model.parameterCount == expected)
  }
}
