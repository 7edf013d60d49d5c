import Checkpoint
import TestSupport
import Testing

@testable import Transformer

/// Encoding in int8 and bf16: the same bits in any batch, and close to fp32.
@Suite struct RoundedArithmeticTests {
  private static let precisions = [EncoderPrecision.int8, .bf16].filter(\.isAvailable)

  /// Models that differ in experts and their kinds, head sizes, pooling, positions and number of encoders.
  static let folders =
    [Fixtures.tinyExpert]
    + [
      "mod2-attention-feed-forward", "ge6mod3-feed-forward", "separate-encoders", "heads-of-4", "heads-of-12",
      "heads-of-20", "sentence-transformers-mean", "long-positions", "vanilla", "bottleneck-different",
      "bottleneck-wider-than-the-model", "bottleneck-mean-pooling", "lora-and-bottleneck", "lora-several", "specter2",
      "encoders-medcpt", "control-codes",
    ].map { Fixtures.golden + "/variants/" + $0 }

  private static func model(_ folder: String, _ precision: EncoderPrecision) throws -> EncoderModel {
    try EncoderModel(ModelBlueprint(folder: ModelFolder(path: folder)), precision: precision)
  }

  private static func inputs(
    _ count: Int, for model: EncoderModel, using generator: inout SeededGenerator
  ) -> [EncoderInput] {
    let shape = model.blueprint.configuration
    return (0..<count).map { _ in
      let longest = generator.happens(0.3) ? model.blueprint.maxTokens : min(40, model.blueprint.maxTokens)
      let length = Int.random(in: 1...longest, using: &generator)
      return EncoderInput(
        tokens: (0..<length).map { _ in Int32.random(in: 0..<Int32(shape.vocabularySize), using: &generator) },
        task: model.blueprint.tasks.randomElement(using: &generator) ?? .search,
        role: EncodingRole.allCases.randomElement(using: &generator) ?? .query)
    }
  }

  private static func bits(_ embedding: [Float]) -> [UInt32] { embedding.map(\.bitPattern) }

  @Test(arguments: folders, precisions)
  func companyOrderAndHelpersChangeNoBit(folder: String, precision: EncoderPrecision) throws {
    let model = try Self.model(folder, precision)
    var generator = SeededGenerator(seed: 41)
    let inputs = Self.inputs(24, for: model, using: &generator)
    let alone = inputs.map { Self.bits(model.encode([$0], scratch: Scratch())[0]) }
    let crew = FleetingCrew(helpersMax: 3, seed: 42)
    let scratch = Scratch()
    for round in 0..<12 {
      let chosen = (0..<Int.random(in: 1...30, using: &generator)).map { _ in
        Int.random(in: inputs.indices, using: &generator)
      }
      let crew = round.isMultiple(of: 3) ? nil : crew
      let embeddings = model.encode(chosen.map { inputs[$0] }, scratch: scratch, crew: crew)
      #expect(embeddings.map(Self.bits) == chosen.map { alone[$0] }, "\(chosen)")
    }
    crew.wait()
    #expect(crew.offeredPasses > 0)
    #expect(crew.pauseCount > 0)
  }

  @Test(arguments: precisions)
  func everyLengthIsTheSameAloneAndShared(precision: EncoderPrecision) throws {
    let model = try Self.model(Fixtures.tinyExpert, precision)
    var generator = SeededGenerator(seed: 43)
    let tokens = (0..<512).map { _ in Int32.random(in: 0..<30_522, using: &generator) }
    let crew = FleetingCrew(helpersMax: 4, seed: 44)
    let scratch = Scratch()
    for length in Array(1...70) + [95, 96, 97, 111, 112, 113, 191, 192, 193, 255, 256, 257, 511, 512] {
      let input = EncoderInput(tokens: Array(tokens[..<length]), task: .search, role: .query)
      let alone = Self.bits(model.encode([input], scratch: scratch)[0])
      scratch.int8.sharing = .thatFavoursSharing
      let shared = Self.bits(model.encode([input], scratch: scratch, crew: crew)[0])
      #expect(alone == shared, "\(length) tokens")
    }
    crew.wait()
    // Four of five times, the crew has a helper. Other precisions share texts of several strips only.
    #expect(crew.offeredPasses >= (precision == .int8 ? 40 : 1))
  }

  @Test(arguments: precisions)
  func scratchMemoryMayServeModelsOfOtherShapes(precision: EncoderPrecision) throws {
    let scratch = Scratch()
    var generator = SeededGenerator(seed: 45)
    for folder in Self.folders + Self.folders.reversed() {
      let model = try Self.model(folder, precision)
      let inputs = Self.inputs(4, for: model, using: &generator)
      let used = model.encode(inputs, scratch: scratch).map(Self.bits)
      #expect(used == model.encode(inputs, scratch: Scratch()).map(Self.bits))
    }
  }

  @Test(arguments: precisions)
  func nothingGivesNothing(precision: EncoderPrecision) throws {
    let model = try Self.model(Fixtures.tinyExpert, precision)
    #expect(model.encode([], scratch: Scratch(), crew: FleetingCrew(helpersMax: 2, seed: 46)).isEmpty)
  }

  @Test(arguments: folders, precisions)
  func isCloseToFloat(folder: String, precision: EncoderPrecision) throws {
    let model = try Self.model(folder, precision)
    let reference = try Self.model(folder, .fp32)
    var generator = SeededGenerator(seed: 47)
    let inputs = Self.inputs(60, for: model, using: &generator)
    let pairs = zip(model.encode(inputs, scratch: Scratch()), reference.encode(inputs, scratch: Scratch()))
    let cosines = pairs.map { cosine($0, $1) }
    let (least, mean): (Float, Float) = precision == .int8 ? (0.99, 0.998) : (0.9998, 0.9999)
    #expect(cosines.allSatisfy { $0 >= least }, "\(cosines.min() ?? 0)")
    #expect(cosines.reduce(0, +) / Float(cosines.count) >= mean)
  }

  private func cosine(_ a: [Float], _ b: [Float]) -> Float {
    func product(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
  }
}

extension SharingGauge {
  /// As if sharing cost nothing.
  fileprivate static var thatFavoursSharing: SharingGauge {
    var gauge = SharingGauge(minProducts: 0)
    let effort = Effort(products: 1, stages: 1, threads: 2)
    gauge.add(.seconds(1), of: effort, isShared: false)
    gauge.add(.zero, of: effort, isShared: true)
    return gauge
  }
}
