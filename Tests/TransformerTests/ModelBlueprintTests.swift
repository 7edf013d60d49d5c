import Checkpoint
import TestSupport
import Testing

@testable import Transformer

/// The description of a model in its folder's small files.
@Suite struct ModelBlueprintTests {
  private static func blueprint(_ variant: String) throws -> ModelBlueprint {
    try ModelBlueprint(folder: ModelFolder(path: Fixtures.golden + "/variants/" + variant))
  }

  @Test(
    arguments: [
      ("vanilla", .vanilla), ("mod2-attention-feed-forward", .expert), ("instruction", .instruction),
      ("bert-safetensors", .vanilla),
    ] as [(String, ModelBlueprint.Architecture)])
  func theArchitectureIsTold(variant: String, architecture: ModelBlueprint.Architecture) throws {
    #expect(try Self.blueprint(variant).architecture == architecture)
  }

  @Test(
    arguments: [
      ("vanilla", Pooling.Method.cls, .dot), ("mean-pool", .mean, .cosine),
      ("sentence-transformers-cls", .cls, nil), ("sentence-transformers-mean", .mean, nil),
      ("bert-safetensors", .cls, .dot),
    ] as [(String, Pooling.Method, Similarity?)])
  func poolingAndSimilarityAreTold(variant: String, method: Pooling.Method, similarity: Similarity?) throws {
    let blueprint = try Self.blueprint(variant)
    #expect(blueprint.head.pooling == Pooling(methods: [method]))
    #expect(blueprint.similarity == similarity ?? (blueprint.head.isNormalized ? .cosine : .dot))
  }

  @Test func theLongestTextIsNoLongerThanThePositionsNor512() throws {
    #expect(try ModelBlueprint(folder: ModelFolder(path: Fixtures.tinyExpert)).maxTokens == 512)
    for variant in ["vanilla", "bert-safetensors", "long-positions"] {
      let blueprint = try Self.blueprint(variant)
      #expect(blueprint.maxTokens == min(512, blueprint.configuration.maxPositions))
    }
    #expect(try Self.blueprint("long-positions").configuration.maxPositions > 512)
  }

  /// For plain folders and for those of sentence-transformers, the limit is that of the tokenizer and of the positions.
  @Test(arguments: [
    ("length-by-model-max-length", 24), ("length-without-limit", 64), ("length-of-a-plain-folder", 20),
    ("sentence-transformers-cls", 24),
  ])
  func theLongestTextIsThatOfTheFiles(variant: String, tokens: Int) throws {
    #expect(try Self.blueprint(variant).maxTokens == tokens)
  }

  @Test func unreadPartsAreListed() throws {
    #expect(try Self.blueprint("distilbert-with-head").unread.tensors == ["vocab_projector.bias"])
    #expect(
      try Self.blueprint("bert-with-head").unread.tensors == [
        "bert.pooler.dense.bias", "bert.pooler.dense.weight", "cls.predictions.bias",
      ])
    #expect(try Self.blueprint("prompts").unread.prompts == ["passage"])
    #expect(try Self.blueprint("prompts").unread.files == ["expected.jsonl"])
    #expect(try Self.blueprint("papers-as-pairs").unread.tensors == ["pooler.dense.bias", "pooler.dense.weight"])
  }

  @Test func aModelServesTheTasksThatItHasInstructionsFor() throws {
    #expect(Set(try Self.blueprint("vanilla").tasks) == Set(EncodingTask.standard))
    let instructed = try Self.blueprint("instruction")
    #expect(instructed.tasks == instructed.reading.instructions?.tasks)
  }
}
