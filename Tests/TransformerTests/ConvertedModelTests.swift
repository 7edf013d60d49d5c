import Checkpoint
import Foundation
import Tensor
import TestSupport
import Testing

@testable import Transformer

/// Converted files with correct checksums and incorrect content are refused, and never cause a crash.
@Suite struct ConvertedModelTests {
  private let parts: ConvertedParts

  init() throws {
    parts = try ConvertedParts(folder: Fixtures.tinyExpert)
  }

  private func expectRefusal(
    _ parts: ConvertedParts, entry: String, _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: ModelError.self, sourceLocation: sourceLocation) { try parts.load() }
    #expect(error?.entry == entry, "\(String(describing: error))", sourceLocation: sourceLocation)
    #expect(
      error?.reason.contains(reason) == true, "\(error?.description ?? "no error")", sourceLocation: sourceLocation)
  }

  @Test func theWholeFileIsLoaded() throws {
    let model = try parts.load()
    #expect(model.precision == .int8)
    #expect(model.blueprint.layouts.map(\.layers) == [[1, 3]])
  }

  private static let beyond = "4611686018427387904"

  @Test(arguments: [
    "configuration.hiddenSize": ["0", "-64", "16385", beyond, "66"],
    "configuration.heads": ["0", "-4", "3", "1025", beyond, "128"],
    "configuration.layers": ["0", "-1", "257", beyond, "2", "3"],
    "configuration.feedForwardSize": ["0", "-256", "65537", beyond],
    "configuration.vocabularySize": ["0", "-1", "4000001", beyond],
    "configuration.maxPositions": ["0", "1", "-1", "65537", beyond, "511"],
    "configuration.layerNormEpsilon": ["-1e-12", "1", "1e30"],
    "layouts.0.experts": ["0", "1", "2", "4", "-3", beyond], "layouts": ["[]"],
    "layouts.0.attentionLayers": ["[4]", "[-1]", "[1, 3, 4]", "[\(beyond)]"],
    "reading.maxTokensByRole.query": ["0", "1", "-1", "513", beyond], "reading.maxTokensByRole": ["{\"query\": 9}"],
    "routing.routes": ["{}", "{\"search\": {\"query\": {\"encoder\": 0, \"expert\": 0}}}"],
    "routing.routes.search.query.expert": ["3", "-1", beyond], "routing.routes.search.candidate.encoder": ["1", "-1"],
    "routing.names": ["[[\"a\"]]", "[[\"a\", \"b\", \"c\"], []]"],
    "reading.instructions": ["{\"sentences\": {}}"], "head.truncatedDimensions": ["0", "-1"],
    "head.pooling": ["{\"methods\": []}"],
    "head.steps": [
      "[{\"dense\": {\"_0\": {\"inputs\": 65, \"outputs\": 3, \"hasBias\": true, \"activation\": \"relu\", \"residual\": \"none\"}}}]"
    ],
  ])
  func aShapeThatIsImpossibleIsRefused(key: String, values: [String]) throws {
    for value in values {
      var parts = parts
      try parts.set(key, to: value)
      expectRefusal(parts, entry: "model.json", "describes a model that cannot be served")
    }
  }

  @Test(arguments: [
    "configuration": ["null", "{}", "[]", "7"], "configuration.hiddenSize": ["64.5", "\"64\"", "null", "1e30"],
    "configuration.layerNormEpsilon": ["\"nan\"", "null"], "layouts": ["{}", "[{}]"],
    "layouts.0.attentionLayers": ["7", "[0.5]"], "layouts.0.bottlenecks": ["[{}]", "null"],
    "reading.maxTokensByRole.query": ["1e30", "9223372036854775808", "true"], "weightsDigest": ["7", "[256]"],
    "precision": ["\"int4\"", "8"], "instructionSet": ["\"mmx\"", "\"\""], "head": ["{}"],
    "head.pooling.methods": ["[\"median\"]", "7"], "head.steps": ["2"], "similarity": ["\"near\""],
    "routing": ["{}"], "routing.routes": ["7", "{\"\": {}}"], "name": ["7"],
    "reading.instructions": [
      "7", "{}", "{\"sentences\": {\"\": {}}}", "{\"sentences\": {\"search\": {\"reader\": \"a\"}}}",
    ],
  ])
  func aValueOfAnotherKindIsRefused(key: String, values: [String]) throws {
    for value in values {
      var parts = parts
      try parts.set(key, to: value)
      expectRefusal(parts, entry: "model.json", "cannot be read: convert the model again")
    }
  }

  /// Shapes that are valid for other models, but not for this one.
  @Test(arguments: [
    ("configuration.hiddenSize", "128", "encoder.0/words", "the model's shape asks for"),
    ("configuration.vocabularySize", "30523", "encoder.0/words", "the model's shape asks for"),
    ("configuration.vocabularySize", "4000000", "encoder.0/words", "the model's shape asks for"),
    ("configuration.maxPositions", "65536", "encoder.0/positions", "the model's shape asks for"),
    ("configuration.feedForwardSize", "65536", "encoder.0/layer.0.intermediate", "the model's shape asks for"),
    ("configuration.layers", "5", "encoder.0/layer.4.query_key_value", "the entry is missing"),
    ("layouts.0.attentionLayers", "[0, 1, 3]", "encoder.0/layer.0.query_key_value.0", "the entry is missing"),
    ("layouts.0.attentionLayers", "[1]", "encoder.0/layer.3.query_key_value", "the entry is missing"),
    ("layouts.0.attentionLayers", "[]", "encoder.0/layer.1.query_key_value", "the entry is missing"),
    ("layouts.0.feedForwardLayers", "[1]", "encoder.0/layer.1.intermediate.0", "the entry is missing"),
    ("precision", "\"fp32\"", "encoder.0/words", "the model's shape asks for"),
  ])
  func aShapeOfAnotherModelIsRefused(key: String, value: String, entry: String, reason: String) throws {
    var parts = parts
    try parts.set(key, to: value)
    expectRefusal(parts, entry: entry, reason)
  }

  /// Content that contradicts nothing in the file may change embeddings, but does not end the process.
  @Test(arguments: [
    ("configuration.heads", "1"), ("configuration.heads", "64"), ("configuration.layers", "4"),
    ("configuration.layerNormEpsilon", "0"), ("layouts.0.attentionLayers", "[1, 3, 3]"),
    ("reading.maxTokensByRole.query", "2"),
    ("head.pooling.methods", "[\"mean\", \"max\"]"), ("similarity", "\"cosine\""), ("name", "\"\""),
  ])
  func aShapeThatFitsIsTaken(key: String, value: String) throws {
    var parts = parts
    try parts.set(key, to: value)
    try parts.load()
  }

  /// The layouts of sets may have equal sizes, and weights in another order are as good as any others.
  @Test(arguments: InstructionSet.allCases)
  func anotherSetNeverCrashes(set: InstructionSet) throws {
    var parts = parts
    try parts.set("instructionSet", to: "\"\(set.rawValue)\"")
    do { try parts.load() } catch let error as ModelError {
      #expect(error.entry?.hasPrefix("encoder.0/layer.") == true)
    }
  }

  @Test func everyMissingPartIsNamed() throws {
    for name in parts.entries.keys where name != "vocab.txt" {
      var parts = parts
      parts.entries[name] = nil
      expectRefusal(parts, entry: name, "the entry is missing")
    }
  }

  @Test(arguments: [-1, 1, 64])
  func everyPartOfAnotherSizeIsNamed(difference: Int) throws {
    for (name, bytes) in parts.entries where name.hasPrefix("encoder.0/") {
      var parts = parts
      parts.entries[name] =
        difference < 0 ? bytes.dropLast(-difference) : bytes + [UInt8](repeating: 0, count: difference)
      expectRefusal(
        parts, entry: name, "has \(bytes.count + difference) bytes; the model's shape asks for \(bytes.count)")
    }
  }

  @Test(arguments: ["", "{", "[]", "null", "{}", "\u{0}"])
  func aDescriptionThatIsNoneIsRefused(text: String) throws {
    var parts = parts
    parts.entries["model.json"] = Array(text.utf8)
    expectRefusal(parts, entry: "model.json", "cannot be read: convert the model again")
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func randomDamageOfTheDescriptionNeverCrashes(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let description = try #require(parts.entries["model.json"])
    for _ in 0..<20 {
      var parts = parts
      var bytes = description
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: bytes.indices, using: &generator)
        bytes[place] = Array("0123456789-.e\"{}[],:truefalsn".utf8).randomElement(using: &generator) ?? 0
      }
      parts.entries["model.json"] = bytes
      do { try parts.load() } catch is ModelError {}
    }
  }

  /// Weights may be any bytes. The loader refuses only bytes that would lead a kernel outside its operands.
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func randomWeightsNeverCrash(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var parts = parts
    for name in parts.entries.keys.sorted() where name.hasPrefix("encoder.0/") && generator.happens(0.5) {
      let count = parts.entries[name]?.count ?? 0
      parts.entries[name] = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
    do { try parts.load() } catch let error as ModelError { #expect(error.reason.contains("is damaged")) }
  }

  @Test(
    arguments: ["mod2-attention-feed-forward", "separate-encoders", "bottleneck-different", "lora-and-bottleneck"])
  func everyMissingPartIsNamedOfOtherLayouts(variant: String) throws {
    let whole = try ConvertedParts(folder: Fixtures.golden + "/variants/" + variant)
    for name in whole.entries.keys where name != "vocab.txt" {
      var parts = whole
      parts.entries[name] = nil
      expectRefusal(parts, entry: name, "the entry is missing")
    }
  }

  // MARK: Experts by adapters

  /// Two layers, hidden 16; bottlenecks of three of the four experts, two of them in `search`.
  private static func adapted() throws -> ConvertedParts {
    try ConvertedParts(folder: Fixtures.golden + "/variants/bottleneck-different")
  }

  @Test func aModelOfBottlenecksIsLoaded() throws {
    let model = try Self.adapted().load()
    #expect(model.blueprint.layouts[0].bottlenecks.compactMap(\.self).count == 3)
    #expect(model.blueprint.routing.tasks.count == 5)
  }

  @Test(arguments: [
    "layouts.0.bottlenecks": ["[null]", "[null, null, null, null, null]"],
    "layouts.0.bottlenecks.1.widths": [
      "{\"attention\": []}", "{\"output\": [1]}", "{\"output\": [1, 2, 3]}", "{\"output\": [-1, 2]}",
      "{\"output\": [65537, 2]}", "{\"attention\": [\(beyond), 2]}",
    ],
    "layouts.0.experts": ["1", "3", "5", "257", beyond],
    "routing.routes.regression": ["{}", "{\"query\": {\"encoder\": 0, \"expert\": 0}}"],
    "routing.routes.regression.query": ["{\"encoder\": 0, \"expert\": 4}", "{\"encoder\": 1, \"expert\": 0}"],
    "routing.names": ["[[]]", "[[\"a\", \"b\", \"c\", \"d\"], [\"e\"]]", "[[\"a\"], [\"b\"], [\"c\"], [\"d\"]]"],
  ])
  func expertsThatAreImpossibleAreRefused(key: String, values: [String]) throws {
    for value in values {
      var parts = try Self.adapted()
      try parts.set(key, to: value)
      expectRefusal(parts, entry: "model.json", "describes a model that cannot be served")
    }
  }

  @Test(arguments: [
    "layouts.0.bottlenecks": ["null", "7", "{}", "[{}]", "[7, null, null, null]"],
    "layouts.0.bottlenecks.0": ["[]", "7", "\"a\""],
    "layouts.0.bottlenecks.0.activation": ["\"mish\"", "null", "7"],
    "layouts.0.bottlenecks.0.residual": ["\"both\"", "null", "true"],
    "layouts.0.bottlenecks.0.normalizesInput": ["null", "1", "\"true\""],
    "layouts.0.bottlenecks.0.widths": [
      "null", "[]", "{\"embedding\": [1, 1]}", "{\"output\": 1}", "{\"output\": [0.5, 1]}",
    ],
    "routing.routes.regression.query": ["null", "{}", "{\"encoder\": 0}", "{\"encoder\": 0.5, \"expert\": 0}", "[]"],
    "routing.routes.regression": ["{\"reader\": {\"encoder\": 0, \"expert\": 0}}", "null", "[]"],
    "routing.names": ["null", "{}", "[7]", "[[7, 7, 7, 7]]", "\"a\""],
  ])
  func expertsOfAnotherKindAreRefused(key: String, values: [String]) throws {
    for value in values {
      var parts = try Self.adapted()
      try parts.set(key, to: value)
      expectRefusal(parts, entry: "model.json", "cannot be read: convert the model again")
    }
  }

  /// Bottlenecks that are valid for other models but not for this one, or that contradict nothing.
  @Test(arguments: [
    ("widths", "{\"output\": [1, 1]}"), ("widths", "{\"output\": [65536, 65536]}"), ("widths", "{}"),
    ("widths", "{\"attention\": [0, 0], \"output\": [0, 0]}"), ("normalizesInput", "true"),
    ("normalizesOutput", "true"), ("normalizesInput", "false"), ("normalizesOutput", "false"),
    ("residual", "\"sum\""), ("residual", "\"input\""), ("readsNormalizedSum", "false"), ("closesWithNorm", "false"),
    ("addsResidualFirst", "true"), ("activation", "\"tanh\""),
  ])
  func otherBottlenecksEndNothing(key: String, value: String) throws {
    for expert in 0..<4 {
      var parts = try Self.adapted()
      guard try parts.value("layouts.0.bottlenecks.\(expert)") is [String: Any] else { continue }
      try parts.set("layouts.0.bottlenecks.\(expert).\(key)", to: value)
      do { try parts.load() } catch let error as ModelError {
        #expect(error.entry?.hasPrefix("encoder.0/layer.") == true, "\(error)")
      }
    }
  }

  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func randomDamageOfExpertsNeverCrashes(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let whole = try Self.adapted()
    let description = try #require(whole.entries["model.json"])
    let text = String(decoding: description, as: UTF8.self)
    let places = try ["\"layouts\"", "\"routing\""].map { key in
      text.utf8.distance(from: text.startIndex, to: try #require(text.range(of: key)).upperBound)
    }
    for _ in 0..<20 {
      var parts = whole
      var bytes = description
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let start = places.randomElement(using: &generator) ?? 0
        let place = Int.random(in: start..<min(start + 900, bytes.count), using: &generator)
        bytes[place] = Array("0123456789-.e\"{}[],:truefalsn".utf8).randomElement(using: &generator) ?? 0
      }
      parts.entries["model.json"] = bytes
      do { try parts.load() } catch is ModelError {}
    }
  }
}
