import Checkpoint
import TestSupport
import Testing

@testable import Transformer

/// LoRA adapters merged into layers, compared with the definition in double precision.
@Suite struct LowRankAdapterTests {
  private static func adapter(
    _ tensors: [NamedTensor], _ members: String = #""lora_alpha": 3"#, family: EncoderFamily = .bert
  ) throws -> LowRankAdapter {
    let folder = try TemporaryFolder()
    let file = try WeightsFile(path: folder.write("adapter_model.safetensors", bytes: tensors.safetensors))
    let text = #"{"peft_type": "LORA", \#(members)}"#
    let settings = try LowRankSettings(ModelSettings(file: "adapter_config.json", bytes: Array(text.utf8)))
    return try LowRankAdapter(settings, in: file, family: family, layers: 2)
  }

  private static func refusal(_ tensors: [NamedTensor]) throws -> ModelError {
    try #require(throws: ModelError.self) { try adapter(tensors) }
  }

  private static let modules = [
    "encoder.layer.0.attention.self.query", "encoder.layer.1.attention.output.dense",
    "encoder.layer.0.intermediate.dense",
    "encoder.layer.1.output.dense",
  ]

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func productsMagnitudesAndBiasesAreMerged(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let (outputs, inputs) = (Int.random(in: 1...20, using: &generator), Int.random(in: 1...20, using: &generator))
    let rank = Int.random(in: 1...9, using: &generator)
    let module = Self.modules.randomElement(using: &generator) ?? ""
    let stem = (generator.happens(0.5) ? "base_model.model." : "") + (generator.happens(0.5) ? "bert." : "") + module
    let (a, b) = (generator.floats(rank * inputs), generator.floats(outputs * rank))
    let isDecomposed = generator.happens(0.5)
    let magnitudes = isDecomposed ? generator.floats(outputs).map { 1 + $0 / 2 } : nil
    let biasB = !isDecomposed && generator.happens(0.5) ? generator.floats(outputs) : nil
    let bias = generator.happens(0.5) ? generator.floats(outputs) : nil
    var tensors = [
      NamedTensor(stem + ".lora_A.weight", [rank, inputs], a),
      NamedTensor(stem + ".lora_B.weight", [outputs, rank], b),
    ]
    if let magnitudes {
      let ending = generator.happens(0.5) ? "" : ".weight"
      tensors.append(NamedTensor(stem + ".lora_magnitude_vector" + ending, [outputs], magnitudes))
    }
    if let biasB { tensors.append(NamedTensor(stem + ".lora_B.bias", [outputs], biasB)) }
    if let bias {
      tensors.append(NamedTensor(stem + (generator.happens(0.5) ? ".base_layer.bias" : ".bias"), [outputs], bias))
    }
    tensors.shuffle(using: &generator)
    let usesRoot = generator.happens(0.5)
    let alpha = Double(Int.random(in: 1...9, using: &generator))
    let scale = alpha / (usesRoot ? Double(rank).squareRoot() : Double(rank))
    let adapter = try Self.adapter(
      tensors,
      "\"lora_alpha\": \(alpha), \"use_rslora\": \(usesRoot), \"use_dora\": \(isDecomposed), "
        + "\"lora_bias\": \(biasB != nil)")
    #expect(adapter.changes(module) && !adapter.changes("encoder.layer.0.attention.self.value"))

    let (weights, biases) = (generator.floats(outputs * inputs), generator.floats(outputs))
    var (merged, mergedBiases) = (weights, biases)
    try merged.withUnsafeMutableBufferPointer { try adapter.merge(into: $0, of: module, inputs: inputs) }
    try mergedBiases.withUnsafeMutableBufferPointer { try adapter.merge(intoBias: $0, of: module) }
    for output in 0..<outputs {
      var row = (0..<inputs).map { input in
        (0..<rank).reduce(Double(weights[output * inputs + input])) {
          $0 + scale * Double(b[output * rank + $1]) * Double(a[$1 * inputs + input])
        }
      }
      if let magnitudes {
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        row = row.map { $0 / length * Double(magnitudes[output]) }
      }
      for input in 0..<inputs {
        #expect(abs(Double(merged[output * inputs + input]) - row[input]) <= 2e-5 * max(1, abs(row[input])))
      }
      let expected = Double((bias ?? biases)[output]) + scale * Double(biasB?[output] ?? 0)
      #expect(abs(Double(mergedBiases[output]) - expected) <= 1e-5 * max(1, abs(expected)))
    }
  }

  @Test func aProductThatMakesInfinitiesIsRefused() throws {
    let stem = Self.modules[0] + ".lora_A.weight"
    let adapter = try Self.adapter([
      NamedTensor(stem, [1, 2], [1e25, 2]), NamedTensor(Self.modules[0] + ".lora_B.weight", [2, 1], [3, 1e25]),
    ])
    var weights: [Float] = [1, 2, 3, 4]
    let error = #expect(throws: ModelError.self) {
      try weights.withUnsafeMutableBufferPointer { try adapter.merge(into: $0, of: Self.modules[0], inputs: 2) }
    }
    #expect(error?.entry == stem && error?.reason.contains("not finite") == true)
  }

  @Test func aLayerThatIsChangedTwiceIsRefused() throws {
    let tensors = ["", "bert."].flatMap { prefix in
      [
        NamedTensor(prefix + Self.modules[0] + ".lora_A.weight", [1, 2], [1, 2]),
        NamedTensor(prefix + Self.modules[0] + ".lora_B.weight", [2, 1], [3, 4]),
      ]
    }
    #expect(try Self.refusal(tensors).reason.contains("a second time"))
  }

  @Test func aLayerThatTheAdapterLeavesAloneKeepsItsBits() throws {
    let adapter = try Self.adapter([
      NamedTensor(Self.modules[0] + ".lora_A.weight", [1, 2], [1, 2]),
      NamedTensor(Self.modules[0] + ".lora_B.weight", [2, 1], [3, 4]),
    ])
    var weights: [Float] = [0.1, -0.0, 3, 4]
    let bits = weights.map(\.bitPattern)
    try weights.withUnsafeMutableBufferPointer { try adapter.merge(into: $0, of: Self.modules[1], inputs: 2) }
    try weights.withUnsafeMutableBufferPointer { try adapter.merge(intoBias: $0, of: Self.modules[1]) }
    #expect(weights.map(\.bitPattern) == bits)
  }

  @Test func theNamesOfDistilBERTAreKnown() throws {
    let module = "transformer.layer.1.attention.q_lin"
    let tensors = [
      NamedTensor("base_model.model.distilbert.\(module).lora_A.weight", [1, 2], [1, 2]),
      NamedTensor("base_model.model.distilbert.\(module).lora_B.weight", [2, 1], [3, 4]),
    ]
    #expect(try Self.adapter(tensors, family: .distilBERT).changes(module))
    #expect(throws: ModelError.self) { try Self.adapter(tensors) }
  }

  /// Patterns are matched with peft's name of a module, including the model's prefix.
  @Test func patternsAreMatchedWithTheWholeName() throws {
    for (stem, factor) in [("base_model.model.bert.", 5), ("base_model.model.", 1)] as [(String, Float)] {
      let adapter = try Self.adapter(
        [
          NamedTensor(stem + Self.modules[0] + ".lora_A.weight", [1, 1], [1]),
          NamedTensor(stem + Self.modules[0] + ".lora_B.weight", [1, 1], [1]),
        ], #""lora_alpha": 1, "alpha_pattern": {"bert\\..*query": 5}"#)
      var weights: [Float] = [0]
      try weights.withUnsafeMutableBufferPointer { try adapter.merge(into: $0, of: Self.modules[0], inputs: 1) }
      #expect(weights == [factor])
    }
  }

  @Test(arguments: [
    "embeddings.word_embeddings.lora_embedding_A", "encoder.layer.0.output.LayerNorm.weight",
    "encoder.layer.0.attention.self.query.weight", "encoder.layer.2.attention.self.query.lora_A.weight",
    "encoder.layer.0.attention.self.query.lora_E.weight", "anything",
  ])
  func aTensorOfAnotherKindIsRefusedByName(name: String) throws {
    let tensors = [
      NamedTensor(Self.modules[0] + ".lora_A.weight", [1, 2], [1, 2]),
      NamedTensor(Self.modules[0] + ".lora_B.weight", [2, 1], [3, 4]), NamedTensor(name, [2, 2], [1, 2, 3, 4]),
    ]
    #expect(try Self.refusal(tensors).entry == name)
  }

  /// Half of a product would not change its layer.
  @Test(arguments: [".lora_B.weight", ".lora_B.bias", ".lora_magnitude_vector", ".lora_magnitude_vector.weight"])
  func partsOfAMissingProductAreRefused(ending: String) throws {
    let tensors = [
      NamedTensor(Self.modules[0] + ".lora_A.weight", [1, 2], [1, 2]),
      NamedTensor(Self.modules[0] + ".lora_B.weight", [2, 1], [3, 4]),
      NamedTensor(Self.modules[1] + ending, [2], [3, 4]),
    ]
    #expect(try Self.refusal(tensors).entry == Self.modules[1] + ".lora_A.weight")
  }

  @Test func anAdapterThatChangesNothingIsRefused() throws {
    let error = try Self.refusal([NamedTensor("pooler.dense.weight", [1, 1], [1])])
    #expect(error.reason.contains("holds no lora_A of a layer of the encoder"))
  }

  @Test(arguments: [([1, 3], [2, 1]), ([1, 2], [3, 1]), ([1, 2], [2, 2]), ([2, 1], [2, 2])])
  func productsOfOtherShapesAreRefusedWhenTheyAreMerged(a: [Int], b: [Int]) throws {
    let adapter = try Self.adapter([
      NamedTensor(Self.modules[0] + ".lora_A.weight", a, [Float](repeating: 1, count: a[0] * a[1])),
      NamedTensor(Self.modules[0] + ".lora_B.weight", b, [Float](repeating: 1, count: b[0] * b[1])),
    ])
    var weights: [Float] = [1, 2, 3, 4]
    #expect(throws: ModelError.self) {
      try weights.withUnsafeMutableBufferPointer { try adapter.merge(into: $0, of: Self.modules[0], inputs: 2) }
    }
  }

  /// If experts share layer norms, no single adapter may change these.
  @Test func aChangedNormThatExpertsShareIsRefused() throws {
    let source = Fixtures.golden + "/variants/lora-bias-all"
    let folder = try TemporaryFolder()
    try folder.copy(["config.json", "model.safetensors"], from: source)
    try folder.copy(["adapter_config.json", "adapter_model.safetensors"], from: source, to: "adapters/one")
    _ = try EncoderModel(ModelBlueprint(folder: ModelFolder(path: folder.path)), precision: .fp32)
    for experts in [#"{"search": "one", "topics": null}"#, #"{"search": {"query": "one", "candidate": null}}"#] {
      try folder.write("scimult.json", "{\"experts\": \(experts)}")
      let error = try #require(throws: ModelError.self) { try ModelBlueprint(folder: ModelFolder(path: folder.path)) }
      #expect(error.file == folder.file("adapters/one/adapter_model.safetensors"))
      #expect(error.entry?.hasSuffix("LayerNorm.bias") == true)
      #expect(error.reason.contains("changes a layer norm that the model's experts share"))
    }
  }
}
