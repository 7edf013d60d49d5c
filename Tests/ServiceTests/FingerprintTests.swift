import Checkpoint
import Foundation
import TestSupport
import Testing
import Transformer

@testable import Service

/// A fingerprint depends on exactly the properties of a model that determine its vectors.
@Suite struct FingerprintTests {
  /// A change of one property.
  struct Change: Sendable, CustomTestStringConvertible {
    let variant: String
    let testDescription: String
    let make: @Sendable (ModelCopy) throws -> Void

    init(_ variant: String, _ description: String, _ make: @escaping @Sendable (ModelCopy) throws -> Void) {
      (self.variant, testDescription, self.make) = (variant, description, make)
    }
  }

  private static let variants = [
    "bert-safetensors", "bottleneck-different", "lora-several", "lora-and-bottleneck", "control-codes",
    "encoders-medcpt", "dense-three", "specter2", "vanilla", "separate-encoders",
  ]

  private static func convert(_ model: ServedModel, to name: String, in folder: TemporaryFolder) throws -> String {
    var bytes: [UInt8] = []
    try ConvertedModel.write(model.encoder, tokenizerFiles: model.reader.tokenizerFiles().all) {
      bytes.append(contentsOf: $0)
    }
    return try folder.write(name, bytes: bytes)
  }

  @Test(arguments: variants)
  func precisionAndFileFormatDoNotChangeTheFingerprint(variant: String) throws {
    let path = Fixtures.golden + "/variants/" + variant
    let folder = try TemporaryFolder()
    let expected = try ServedModel(path: path).fingerprint
    #expect(expected.count == 32 && expected.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    for precision in EncoderPrecision.allCases where precision.isAvailable {
      let model = try ServedModel(path: path, name: "another name", precision: precision)
      #expect(model.fingerprint == expected)
      #expect(try ServedModel(path: Self.convert(model, to: "a.scimult", in: folder)).fingerprint == expected)
    }
  }

  @Test func differentModelsHaveDifferentFingerprints() throws {
    let prints = try Self.variants.map { try ServedModel(path: Fixtures.golden + "/variants/" + $0).fingerprint }
    #expect(Set(prints).count == Self.variants.count)
  }

  private static let without: [Change] = [
    Change("bert-safetensors", "the folder's name") { _ in },
    Change("bert-safetensors", "tensors in another order, as fp32") { copy in
      try copy.rewriteTensors(of: "model.safetensors") { $0.reverse() }
    },
    Change("bert-safetensors", "a prefix of the tensors' names") { copy in
      try copy.rewriteTensors(of: "model.safetensors") { tensors in
        for index in tensors.indices { tensors[index].name = "bert." + tensors[index].name }
      }
    },
    Change("bert-pytorch-bin", "a pickle in place of safetensors") { copy in
      try copy.rewriteTensors(of: "pytorch_model.bin", to: "model.safetensors") { _ in }
    },
    Change("bottleneck-houlsby", "an adapter's pickle in place of safetensors") { copy in
      try copy.rewriteTensors(
        of: "adapters/study/pytorch_adapter.bin", to: "adapters/study/adapter.safetensors"
      ) { $0.reverse() }
    },
    Change("lora-several", "a LoRA's pickle in place of safetensors") { copy in
      try copy.rewriteTensors(
        of: "adapters/ask/adapter_model.bin", to: "adapters/ask/adapter_model.safetensors"
      ) { _ in }
    },
    Change("bert-safetensors", "a head that no vector depends on") { copy in
      try copy.rewriteTensors(of: "model.safetensors") { $0.append(NamedTensor("cls.predictions.bias", [1], [7])) }
    },
    Change("bert-safetensors", "the token type that no text is of") { copy in
      try copy.rewriteTensors(of: "model.safetensors") { tensors in
        for index in tensors.indices where tensors[index].name == "embeddings.token_type_embeddings.weight" {
          tensors[index].values[tensors[index].values.count - 1] += 1
        }
      }
    },
    Change("bert-safetensors", "how vectors are compared") { copy in
      try copy.write("scimult.json", #"{"similarity": "cosine"}"#)
    },
    Change("bottleneck-alone", "an adapter's name") { copy in
      try FileManager.default.moveItem(atPath: copy.path + "/adapters/topics", toPath: copy.path + "/adapters/subjects")
      try copy.replace(#""name": "topics""#, by: #""name": null"#, in: "adapters/subjects/adapter_config.json")
    },
    Change("bottleneck-alone", "that a person names the only adapter") { copy in
      try copy.write(
        "scimult.json",
        #"{"experts": {"search": "topics", "link_prediction": "topics", "classification": "topics"}}"#)
    },
    Change("max-tokens", "the same length for both roles by name") { copy in
      let limit = try copy.model().blueprint.maxTokens
      try copy.write("scimult.json", "{\"max_tokens\": {\"query\": \(limit), \"candidate\": \(limit)}}")
    },
  ]

  @Test(arguments: without)
  func irrelevantChangesKeepTheFingerprint(change: Change) throws {
    let copy = try ModelCopy(change.variant, name: "another folder")
    try change.make(copy)
    let expected = try ServedModel(path: Fixtures.golden + "/variants/" + change.variant).fingerprint
    #expect(try copy.fingerprint() == expected)
  }

  @Test func anAdapterThatNoTaskHasLeavesItAsItIs() throws {
    let copy = try ModelCopy("bottleneck-different")
    try copy.write("scimult.json", #"{"experts": {"search": {"query": "ask", "candidate": null}}}"#)
    let expected = try copy.fingerprint()
    try copy.rewriteTensors(of: "adapters/find/pytorch_adapter.bin", to: "adapters/find/adapter.safetensors") {
      $0[0].values[0] += 1
    }
    #expect(try copy.fingerprint() == expected)
    try copy.remove("adapters/link")
    #expect(try copy.fingerprint() == expected)
    try copy.remove("adapters/find")
    #expect(try copy.fingerprint() == expected)
  }

  private static let changes: [Change] = [
    Change("bert-safetensors", "a word's embedding") { try $0.nudge("embeddings.word_embeddings.weight") },
    Change("bert-safetensors", "a position's embedding") { try $0.nudge("embeddings.position_embeddings.weight") },
    Change("bert-safetensors", "the first norm") { try $0.nudge("embeddings.LayerNorm.bias") },
    Change("bert-safetensors", "a weight of a query") { try $0.nudge("encoder.layer.0.attention.self.query.weight") },
    Change("bert-safetensors", "a bias of a value") { try $0.nudge("encoder.layer.0.attention.self.value.bias") },
    Change("bert-safetensors", "the last norm") { try $0.nudge("encoder.layer.0.output.LayerNorm.weight") },
    Change("bert-safetensors", "two vectors of one size exchanged") { copy in
      try copy.rewriteTensors(of: "model.safetensors") { tensors in
        let names = ["encoder.layer.0.attention.self.query.bias", "encoder.layer.0.attention.self.key.bias"]
        for index in tensors.indices {
          if let place = names.firstIndex(of: tensors[index].name) { tensors[index].name = names[1 - place] }
        }
      }
    },
    Change("bert-safetensors", "a token of the vocabulary") { try $0.exchangeLines(100, 101, of: "vocab.txt") },
    Change("bert-safetensors", "the case of texts") { copy in
      try copy.replace(#""do_lower_case": true"#, by: #""do_lower_case": false"#, in: "tokenizer_config.json")
    },
    Change("lowercased-text", "whether texts are lowercased first") { try $0.remove("sentence_bert_config.json") },
    Change("bert-safetensors", "the side where texts are cut") { copy in
      try copy.replace(
        #""do_lower_case": true"#, by: #""do_lower_case": true, "truncation_side": "left""#, in: "tokenizer_config.json"
      )
    },
    Change("bert-safetensors", "accents") { copy in
      try copy.replace(
        #""do_lower_case": true"#, by: #""do_lower_case": true, "strip_accents": false"#, in: "tokenizer_config.json")
    },
    Change("bert-safetensors", "the form of papers") { try $0.write("scimult.json", #"{"papers": "pair"}"#) },
    Change("bert-safetensors", "the length of queries") {
      try $0.write("scimult.json", #"{"max_tokens": {"query": 9}}"#)
    },
    Change("bert-safetensors", "the length of candidates") {
      try $0.write("scimult.json", #"{"max_tokens": {"candidate": 9}}"#)
    },
    Change("bert-safetensors", "an instruction") {
      try $0.write("scimult.json", #"{"instructions": {"search": {"query": "Find:"}}}"#)
    },
    Change("bert-safetensors", "an instruction of another task") {
      try $0.write("scimult.json", #"{"instructions": {"finding": {"query": "Find:"}}}"#)
    },
    Change("bert-safetensors", "an instruction of the other role") {
      try $0.write("scimult.json", #"{"instructions": {"search": {"candidate": "Find:"}}}"#)
    },
    Change("bert-safetensors", "the activation") { copy in
      try copy.replace(#""hidden_act": "gelu""#, by: #""hidden_act": "gelu_new""#, in: "config.json")
    },
    Change("bert-safetensors", "the number of heads") { copy in
      try copy.replace(#""num_attention_heads": 2"#, by: #""num_attention_heads": 4"#, in: "config.json")
    },
    Change("bert-safetensors", "the norms' epsilon") { copy in
      try copy.replace(#""layer_norm_eps": 1e-12"#, by: #""layer_norm_eps": 1e-11"#, in: "config.json")
    },
    Change("instruction", "a letter of an instruction") {
      try $0.replace("Find papers it cites:", by: "Find papers it cites!", in: "scimult.json")
    },
    Change("sentence-transformers-mean", "pooling") { copy in
      try copy.replace(
        "\"pooling_mode_mean_tokens\": true", by: "\"pooling_mode_mean_tokens\": false", in: "1_Pooling/config.json")
      try copy.replace(
        "\"pooling_mode_max_tokens\": false", by: "\"pooling_mode_max_tokens\": true", in: "1_Pooling/config.json")
    },
    Change("sentence-transformers-mean", "two vectors for one") { copy in
      try copy.replace(
        "\"pooling_mode_max_tokens\": false", by: "\"pooling_mode_max_tokens\": true", in: "1_Pooling/config.json")
    },
    Change("prompts", "a query's prompt") {
      try $0.replace("find text: ", by: "find texts: ", in: "config_sentence_transformers.json")
    },
    Change("prompts", "a space of a candidate's prompt") {
      try $0.replace("the paper, ", by: "the paper,", in: "config_sentence_transformers.json")
    },
    Change("prompt-left-out-of-the-mean", "whether a prompt is pooled") {
      try $0.replace("\"include_prompt\": false", by: "\"include_prompt\": true", in: "1_Pooling/config.json")
    },
    Change("truncated-dimensions", "the number of values that are kept") {
      try $0.replace("5", by: "6", in: "config_sentence_transformers.json")
    },
    Change("truncated-dimensions", "that all values are kept") { try $0.remove("config_sentence_transformers.json") },
    Change("dense-three", "a weight behind pooling") { try $0.nudge("linear.weight", of: "3_Dense/model.safetensors") },
    Change("dense-three", "an activation behind pooling") { copy in
      let file = "2_Dense/config.json"
      let text = try String(contentsOfFile: copy.path + "/" + file, encoding: .utf8)
      let activation = text.contains("Tanh") ? ".linear.Identity" : ".activation.Tanh"
      var object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      object["activation_function"] = "torch.nn.modules" + activation
      let changed = try JSONSerialization.data(withJSONObject: object)
      try copy.write(file, String(decoding: changed, as: UTF8.self))
    },
    Change("max-tokens-by-role", "a role's length") { try $0.replace("30", by: "29", in: "scimult.json") },
    Change("papers-as-pairs", "the form of papers") { try $0.write("scimult.json", #"{"papers": "separator"}"#) },
    Change("papers-as-pairs", "the token type of abstracts") {
      try $0.nudge("embeddings.token_type_embeddings.weight")
    },
    Change("bottleneck-houlsby-safetensors", "a weight of an adapter") { copy in
      try copy.rewriteTensors(of: "adapters/study/adapter.safetensors") { $0[0].values[0] = $0[0].values[0].nextUp }
    },
    Change("bottleneck-houlsby-safetensors", "the activation of an adapter") {
      try $0.replace("swish", by: "relu", in: "adapters/study/adapter_config.json")
    },
    Change("bottleneck-houlsby-safetensors", "the scaling of an adapter") {
      try $0.replace(#""scaling": 1.0"#, by: #""scaling": 2.0"#, in: "adapters/study/adapter_config.json")
    },
    Change("bottleneck-houlsby-safetensors", "what an adapter reads") {
      try $0.replace(
        #""original_ln_before": false"#, by: #""original_ln_before": true"#, in: "adapters/study/adapter_config.json")
    },
    Change("bottleneck-houlsby-safetensors", "what is added to an adapter's output") {
      try $0.replace(
        #""residual_before_ln": true"#, by: #""residual_before_ln": false"#, in: "adapters/study/adapter_config.json")
    },
    Change("bottleneck-houlsby-safetensors", "the norm behind an adapter") {
      try $0.replace(
        #""original_ln_after": true"#, by: #""original_ln_after": false"#, in: "adapters/study/adapter_config.json")
    },
    Change("lora-query-value", "a weight of a LoRA") { copy in
      try copy.rewriteTensors(of: "adapter_model.safetensors") { $0[1].values[0] += 0.5 }
    },
    Change("lora-query-value", "a LoRA's alpha") { copy in
      let text = try String(contentsOfFile: copy.path + "/adapter_config.json", encoding: .utf8)
      let line = try #require(text.split(separator: "\n").first { $0.contains("lora_alpha") })
      try copy.replace(String(line), by: #"  "lora_alpha": 31,"#, in: "adapter_config.json")
    },
    Change("lora-query-value", "that there is no LoRA") { copy in
      try copy.remove("adapter_config.json")
      try copy.remove("adapter_model.safetensors")
    },
    Change("bottleneck-different", "which roles two adapters serve") {
      try $0.write(
        "scimult.json",
        """
        {"experts": {"search": {"query": "find", "candidate": "ask"}, "link_prediction": {"query": "link",
        "candidate": null}, "classification": null, "regression": "link", "topics of papers": "find"}}
        """)
    },
    Change("bottleneck-different", "what one role is served by") {
      try $0.replace(#""classification": null"#, by: #""classification": "ask""#, in: "scimult.json")
    },
    Change("bottleneck-different", "a task's name") {
      try $0.replace("topics of papers", by: "topic of papers", in: "scimult.json")
    },
    Change("encoders-medcpt", "which encoder is for which role") {
      try $0.write(
        "scimult.json",
        """
        {"encoders": {"query": "article-encoder", "candidate": "query-encoder"}, "papers": "pair",
        "max_tokens": {"query": 16, "candidate": 40}}
        """)
    },
    Change("encoders-medcpt", "a weight of the second encoder") {
      try $0.nudge("embeddings.word_embeddings.weight", of: "article-encoder/model.safetensors")
    },
    Change("control-codes-chosen", "a task's control code") {
      try $0.replace(#""topics": "[CLF]""#, by: #""topics": "[RGN]""#, in: "scimult.json")
    },
    Change("control-codes-chosen", "control codes as instructions") {
      try $0.replace(
        #""control_codes": {"#, by: #""instructions": {"#, in: "scimult.json")
      try $0.replace(
        #""link_prediction": "[RGN]""#, by: #""link_prediction": {"query": "[RGN]", "candidate": "[RGN]"}"#,
        in: "scimult.json")
      try $0.replace(
        #""classification": "[CLF]""#, by: #""classification": {"query": "[CLF]", "candidate": "[CLF]"}"#,
        in: "scimult.json")
      try $0.replace(
        #""topics": "[CLF]""#, by: #""topics": {"query": "[CLF]", "candidate": "[CLF]"}"#, in: "scimult.json")
    },
  ]

  @Test(arguments: changes)
  func relevantChangesChangeTheFingerprint(change: Change) throws {
    let copy = try ModelCopy(change.variant)
    let before = try copy.fingerprint()
    try change.make(copy)
    #expect(try copy.fingerprint() != before)
  }

  /// Pairs of changes that could be mistaken for each other.
  @Test func allChangesOfAModelAreToldApart() throws {
    for (variant, changes) in Dictionary(grouping: Self.changes, by: \.variant) {
      let prints = try changes.map { change in
        let copy = try ModelCopy(variant)
        try change.make(copy)
        return try copy.fingerprint()
      }
      #expect(Set(prints).count == changes.count, "\(variant)")
    }
  }

  /// The residual of a dense layer has no weights if it is the input itself.
  @Test func aDenseLayersResidualChangesIt() throws {
    let copy = try ModelCopy("dense-tanh-normalized")
    let values = (0..<256).map { Float($0 % 7) / 8 }
    try copy.folder.write(
      "model/2_Dense/model.safetensors",
      bytes: [
        NamedTensor("linear.weight", [16, 16], values), NamedTensor("linear.bias", [16], Array(values.prefix(16))),
      ].safetensors)
    let prints = try [true, false].map { residual in
      try copy.write(
        "2_Dense/config.json",
        """
        {"in_features": 16, "out_features": 16, "bias": true, "use_residual": \(residual),
        "activation_function": "torch.nn.modules.activation.Tanh"}
        """)
      return try copy.fingerprint()
    }
    #expect(prints[0] != prints[1])
  }
}
