import Checkpoint
import Tensor
import TestSupport
import Testing

@testable import Transformer

/// An encoder's estimated memory, compared with its actual memory.
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

  @Test func aBottleneckThatIsWiderThanAnyLayerCounts() throws {
    let folder = try TemporaryFolder()
    try folder.copy(allOf: Fixtures.golden + "/variants/bottleneck-houlsby-safetensors")
    let path = folder.file("adapters/study/adapter.safetensors")
    let narrow = try Self.blueprint(folder.path)
    let (hidden, width) = (narrow.configuration.hiddenSize, 200)
    #expect(width > 3 * hidden && width > narrow.configuration.feedForwardSize)
    let file = try WeightsFile(path: path)
    let tensors = file.tensors.map { name, tensor in
      let shape = tensor.shape.map { $0 == narrow.layouts[0].widestBottleneck ? width : $0 }
      return NamedTensor(name, shape, [Float](repeating: 0.5, count: shape.reduce(1, *)))
    }
    try folder.write("adapters/study/adapter.safetensors", bytes: tensors.safetensors)
    let wide = try Self.blueprint(folder.path)
    #expect(wide.layouts[0].widestBottleneck == width)
    #expect(try wide.footprint(precision: .fp32).loadingBytes == 2 * 4 * width * hidden)
    #expect(try wide.footprint(precision: .fp32).loadingBytes > narrow.footprint(precision: .fp32).loadingBytes)
  }

  /// Models without bottlenecks, with narrow and with wide ones, and with several encoders.
  private static let variants = [
    "bottleneck-different", "bottleneck-wider-than-the-model", "bottleneck-norm-before", "bottleneck-alone",
    "lora-and-bottleneck", "encoders-medcpt",
  ]

  @Test(arguments: [Fixtures.tinyExpert] + variants.map { Fixtures.golden + "/variants/" + $0 }, precisions)
  func noPassTakesMoreActivationsThanWasSaid(folder: String, precision: EncoderPrecision) throws {
    let blueprint = try Self.blueprint(folder)
    let model = try EncoderModel(blueprint, precision: precision)
    let most = try blueprint.footprint(precision: precision).scratchBytes
    let scratch = Scratch()
    var generator = SeededGenerator(seed: 5)
    let longest = blueprint.maxTokens
    for lengths in [2...2, 2...3, 2...min(40, longest), longest...longest, 1...longest] {
      let inputs = (0..<600).prefix(lengths.upperBound > 100 ? 6 : 600).map { _ in
        let tokens = (0..<Int.random(in: lengths, using: &generator)).map { _ in
          Int32.random(in: 0..<Int32(blueprint.configuration.vocabularySize), using: &generator)
        }
        return EncoderInput(
          tokens: tokens, task: blueprint.tasks.randomElement(using: &generator) ?? .search,
          role: .query)
      }
      _ = model.encode(inputs, scratch: scratch)
      #expect(scratch.byteCount <= most, "\(lengths)")
    }
    #expect(scratch.byteCount * 10 >= most * 9, "little more was said than is taken")
  }

  /// The memory of a bottleneck is counted: its values, its input, and what the sub-layer adds, one row each.
  @Test(arguments: precisions)
  func activationsOfBottlenecksAreCounted(precision: EncoderPrecision) throws {
    let variant = Fixtures.golden + "/variants/bottleneck-wider-than-the-model"
    let folder = try TemporaryFolder()
    try folder.copy(["config.json", "model.safetensors"], from: variant)
    let blueprint = try Self.blueprint(variant)
    let bare = try Self.blueprint(folder.path).footprint(precision: precision).scratchBytes
    let widest = blueprint.layouts[0].widestBottleneck
    #expect(widest > blueprint.configuration.hiddenSize)
    let rows =
      switch precision {
      case .fp32: PackedBatch.maxRowsOfPass
      case .bf16: Strip.maxRows(BFloat16Linear.stripRows)
      case .int8: Strip.maxRows(Int8Linear.stripRows)
      }
    let least = rows * 4 * (widest + blueprint.configuration.hiddenSize)
    #expect(try blueprint.footprint(precision: precision).scratchBytes >= bare + least)
  }
}
