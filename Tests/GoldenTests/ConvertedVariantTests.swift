import Checkpoint
import Foundation
import Service
import TestSupport
import Testing
import Transformer

/// A converted model equals the original: its tokenizer, its description, and every bit of its embeddings.
@Suite struct ConvertedVariantTests {
  private static let precisions = EncoderPrecision.allCases.filter(\.isAvailable)
  private static let folders = [Fixtures.tinyExpert] + Fixtures.variants.map { Fixtures.golden + "/variants/" + $0 }

  private static func convert(_ model: ServedModel, to name: String, in folder: TemporaryFolder) throws -> String {
    var bytes: [UInt8] = []
    try ConvertedModel.write(model.encoder, tokenizerFiles: model.reader.tokenizerFiles().all) {
      bytes.append(contentsOf: $0)
    }
    return try folder.write(name, bytes: bytes)
  }

  @Test(arguments: folders, precisions)
  func aConvertedModelGivesTheSameBits(folder: String, precision: EncoderPrecision) throws {
    let temporary = try TemporaryFolder()
    let original = try ServedModel(path: folder, precision: precision)
    let path = try Self.convert(original, to: "other name.scimult", in: temporary)
    let converted = try ServedModel(path: path)
    Self.expectSameDescription(converted, original)
    #expect(converted.encoder.precision == precision)
    #expect(converted.blueprint.repacking == nil)

    let rows = try GoldenRow.rows(of: folder + "/expected.jsonl")
    let inputs = rows.map { $0.input(of: original) }
    #expect(rows.map { $0.input(of: converted) } == inputs)
    let bits = original.encoder.encode(inputs, scratch: Scratch()).map { $0.map(\.bitPattern) }
    #expect(converted.encoder.encode(inputs, scratch: Scratch()).map { $0.map(\.bitPattern) } == bits)
  }

  private static func expectSameDescription(_ converted: ServedModel, _ original: ServedModel) {
    #expect(converted.name == original.name)
    let (blueprint, expected) = (converted.blueprint, original.blueprint)
    #expect(blueprint.configuration == expected.configuration)
    #expect(blueprint.layouts == expected.layouts)
    #expect(blueprint.head == expected.head)
    #expect(blueprint.reading == expected.reading)
    #expect(blueprint.similarity == expected.similarity)
    #expect(blueprint.routing == expected.routing)
    #expect(blueprint.architecture == expected.architecture)
    #expect(blueprint.tasks == expected.tasks)
    #expect(converted.fingerprint == original.fingerprint)
    #expect(converted.encoder.parameterCount == original.encoder.parameterCount)
    #expect(converted.reader.tokenizer.vocabularySize == original.reader.tokenizer.vocabularySize)
    #expect(converted.reader.tokenizer.isCased == original.reader.tokenizer.isCased)
  }

  @Test(arguments: ["cased", "biomedbert-specials", "specials-last", "tokenizer-json", "vanilla", "instruction"])
  func aConvertedTokenizerReadsAllTextsAlike(variant: String) throws {
    let temporary = try TemporaryFolder()
    let original = try ServedModel(path: Fixtures.golden + "/variants/" + variant)
    let path = try Self.convert(original, to: "model.scimult", in: temporary)
    let reader = try DocumentReader(path: path)
    var generator = SeededGenerator(seed: 81)
    let texts = try GoldenRow.rows(of: Fixtures.golden + "/minilm.jsonl").map(\.content)
    let noise = (0..<200).map { _ in
      let scalars = (0..<30).compactMap { _ in Unicode.Scalar(UInt32.random(in: 1...0x2fff, using: &generator)) }
      return String(String.UnicodeScalarView(scalars))
    }
    for content in texts + noise.map({ .text($0) }) + [.text("[CLS] [MASK] [SEP] [UNK] [PAD]")] {
      for task in [nil] + original.blueprint.tasks.map(Optional.some) {
        #expect(
          reader.tokens(of: content, task: task, role: .candidate)
            == original.reader.tokens(of: content, task: task, role: .candidate))
      }
    }
  }

  @Test func aConvertedModelMayBeConverted() throws {
    let temporary = try TemporaryFolder()
    let original = try ServedModel(path: Fixtures.golden + "/variants/instruction")
    let first = try Self.convert(original, to: "first.scimult", in: temporary)
    let second = try Self.convert(ServedModel(path: first), to: "second.scimult", in: temporary)
    #expect(try Data(contentsOf: URL(filePath: first)) == Data(contentsOf: URL(filePath: second)))
  }

  @Test(arguments: precisions)
  func anotherPrecisionIsRefusedInASentence(precision: EncoderPrecision) throws {
    let temporary = try TemporaryFolder()
    let original = try ServedModel(path: Fixtures.golden + "/variants/vanilla", precision: precision)
    let path = try Self.convert(original, to: "model.scimult", in: temporary)
    for other in EncoderPrecision.allCases where other != precision {
      let error = try #require(throws: ModelError.self) { try ServedModel(path: path, precision: other) }
      #expect(
        error.description
          == "\(path): holds \(precision.rawValue) weights: leave --precision out, or convert the model again")
    }
    #expect(try ServedModel(path: path, precision: precision).encoder.precision == precision)
  }
}
