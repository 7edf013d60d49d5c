import Checkpoint
import TestSupport
import Testing

@testable import Transformer

/// Experts that adapters make from one encoder, in int8. Each one's results do not depend on the others.
@Suite struct AdaptedExpertsTests {
  private static let variants = Fixtures.golden + "/variants/"

  private static func model(_ folder: String) throws -> EncoderModel {
    try EncoderModel(ModelBlueprint(folder: ModelFolder(path: folder)), precision: .int8)
  }

  private static func inputs(
    _ count: Int, longest: Int = 64, routes: [(EncodingTask, EncodingRole)], using generator: inout SeededGenerator
  ) -> [EncoderInput] {
    (0..<count).compactMap { _ in
      guard let (task, role) = routes.randomElement(using: &generator) else { return nil }
      let length = Int.random(in: 1...longest, using: &generator)
      return EncoderInput(
        tokens: (0..<length).map { _ in Int32.random(in: 0..<195, using: &generator) }, task: task, role: role)
    }
  }

  private static func bits(_ embeddings: [[Float]]) -> [[UInt32]] { embeddings.map { $0.map(\.bitPattern) } }

  /// Models with adapters of one kind or two, and the uses of the encoder without an adapter.
  @Test(
    arguments: [
      (
        "bottleneck-different",
        [(.classification, .query), (.classification, .candidate), (.linkPrediction, .candidate)]
      ),
      ("lora-and-bottleneck", [(.classification, .query), (.classification, .candidate)]),
      ("lora-several", [(.classification, .query)]),
    ] as [(String, [(EncodingTask, EncodingRole)])])
  func theEncoderAsItIsIsNotChangedByAdaptersBesideIt(
    variant: String, ofBase: [(EncodingTask, EncodingRole)]
  ) throws {
    let folder = try TemporaryFolder()
    try folder.copy(["config.json", "model.safetensors"], from: Self.variants + variant)
    let (bare, adapted) = (try Self.model(folder.path), try Self.model(Self.variants + variant))
    let all = adapted.blueprint.tasks.flatMap { task in EncodingRole.allCases.map { (task, $0) } }
    #expect(ofBase.allSatisfy { adapted.blueprint.routing.name(of: $0, $1) == "base" })
    var generator = SeededGenerator(seed: 111)
    let scratch = Scratch()
    for _ in 0..<10 {
      let ofBase = Self.inputs(10, routes: ofBase, using: &generator)
      let others = Self.inputs(20, routes: all, using: &generator)
      let mixed = adapted.encode(ofBase + others, scratch: scratch)
      #expect(Self.bits(Array(mixed.prefix(ofBase.count))) == Self.bits(bare.encode(ofBase, scratch: scratch)))
    }
    // The adapters have an effect.
    let other = try #require(all.first { adapted.blueprint.routing.name(of: $0, $1) != "base" })
    let inputs = Self.inputs(1, routes: [other], using: &generator)
    let asBase = inputs.map { EncoderInput(tokens: $0.tokens, task: .classification, role: .query) }
    #expect(Self.bits(adapted.encode(inputs, scratch: scratch)) != Self.bits(bare.encode(asBase, scratch: scratch)))
  }

  /// If an embedding depends only on first rows, the last layer is computed only for these.
  @Test(arguments: Fixtures.variants.filter { $0.hasPrefix("bottleneck") || $0.hasPrefix("lora") || $0 == "specter2" })
  func firstRowsAloneAreThoseOfTheWholePass(variant: String) throws {
    let blueprint = try ModelBlueprint(folder: ModelFolder(path: Self.variants + variant))
    guard case .checkpoint(let checkpoints, _) = blueprint.storage else { return }
    let routes = blueprint.tasks.flatMap { task in EncodingRole.allCases.map { (task, $0) } }
    var generator = SeededGenerator(seed: 113)
    let inputs = Self.inputs(30, longest: blueprint.maxTokens, routes: routes, using: &generator)
    let batch = PackedBatch.packing(inputs, indices: Array(inputs.indices), maxRows: .max) {
      blueprint.routing[inputs[$0].task, inputs[$0].role].expert
    }[0]
    let passes = try [true, false].map { readsFirstRowsOnly in
      let shape = EncoderShape(
        configuration: blueprint.configuration, layout: blueprint.layouts[0],
        positionRows: blueprint.configuration.maxPositions,
        readsFirstRowsOnly: readsFirstRowsOnly)
      let source = CheckpointSource(
        checkpoints[0], place: 0, configuration: blueprint.configuration, digests: PartDigests())
      let encoder = try WeightedEncoder<Int8Arithmetic>(shape, from: source)
      let crew = FleetingCrew(helpersMax: 2, seed: 114)
      let scratch = Scratch()
      let hidden = encoder.run(batch, scratch: scratch, crew: crew, profile: nil)
      crew.wait()
      return Self.bits(batch.sequences.map { hidden.row($0.lowerBound) })
    }
    #expect(passes[0] == passes[1])
  }
}
