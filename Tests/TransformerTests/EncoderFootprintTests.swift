import Checkpoint
import TestSupport
import Testing

@testable import Transformer

/// What an encoder was said to take, beside what it takes.
@Suite struct EncoderFootprintTests {
  private static let precisions = EncoderPrecision.allCases.filter(\.isAvailable)
  private static let folders =
    [Fixtures.tinyExpert] + Fixtures.variants.map { Fixtures.golden + "/variants/" + $0 }

  private static func blueprint(_ folder: String) throws -> ModelBlueprint {
    try ModelBlueprint(folder: ModelFolder(path: folder))
  }

  private static func bytes(of model: EncoderModel) -> Int {
    (model.encoders.flatMap(\.parts) + model.headWeights.parts).reduce(0) { $0 + $1.bytes.count }
  }

  @Test(arguments: folders)
  func weightsTakeWhatWasSaid(folder: String) throws {
    let blueprint = try Self.blueprint(folder)
    for precision in Self.precisions {
      let model = try EncoderModel(blueprint, precision: precision)
      #expect(try blueprint.footprint(precision: precision).weightBytes == Self.bytes(of: model), "\(precision)")
    }
  }

  @Test func weightsOfAConvertedFileTakeAsMuch() throws {
    let folder = try TemporaryFolder()
    let model = try EncoderModel(Self.blueprint(Fixtures.tinyExpert), precision: .int8)
    var bytes: [UInt8] = []
    try ConvertedModel.write(model, tokenizerFiles: []) { bytes.append(contentsOf: $0) }
    let file = try ConvertedFile(path: try folder.write("model.scimult", bytes: bytes))
    let footprint = try ModelBlueprint(converted: file).footprint(precision: nil)
    #expect(footprint.weightBytes == Self.bytes(of: model))
    #expect(footprint.loadingBytes == 0, "the parts are used where they lie")
    #expect(throws: ModelError.self) { try ModelBlueprint(converted: file).footprint(precision: .fp32) }
  }

  @Test func theTwoPartsThatAreThereInFloatsCount() throws {
    let blueprint = try Self.blueprint(Fixtures.tinyExpert)
    let shape = blueprint.configuration
    let words = shape.vocabularySize * shape.hiddenSize * 4
    let linear = max(3 * shape.hiddenSize, shape.feedForwardSize) * shape.hiddenSize * 4
    #expect(words > linear)
    #expect(try blueprint.footprint(precision: .int8).loadingBytes == words + linear)
    #expect(try blueprint.footprint(precision: .fp32).loadingBytes == 2 * linear)
  }

  @Test(arguments: precisions)
  func noPassTakesMoreActivationsThanWasSaid(precision: EncoderPrecision) throws {
    let blueprint = try Self.blueprint(Fixtures.tinyExpert)
    let model = try EncoderModel(blueprint, precision: precision)
    let most = try blueprint.footprint(precision: precision).scratchBytes
    let scratch = Scratch()
    var generator = SeededGenerator(seed: 5)
    for lengths in [2...2, 2...3, 2...40, 512...512, 1...512] {
      let inputs = (0..<600).prefix(lengths.upperBound > 40 ? 6 : 600).map { _ in
        let tokens = (0..<Int.random(in: lengths, using: &generator)).map { _ in
          Int32.random(in: 0..<30_522, using: &generator)
        }
        return EncoderInput(
          tokens: tokens, task: EncodingTask.standard.randomElement(using: &generator) ?? .search, role: .query)
      }
      _ = model.encode(inputs, scratch: scratch)
      #expect(scratch.byteCount <= most, "\(lengths)")
    }
    #expect(scratch.byteCount * 10 >= most * 9, "little more was said than is taken")
  }
}
