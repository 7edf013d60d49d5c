import Checkpoint
import TestSupport
import Testing

@testable import Transformer

/// What a folder's small files say of its model.
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
      ("vanilla", Pooling.Method.cls, "dot"), ("mean-pool", .mean, "cosine"),
      ("sentence-transformers-cls", .cls, nil), ("sentence-transformers-mean", .mean, nil),
      ("bert-safetensors", .cls, "dot"),
    ] as [(String, Pooling.Method, String?)])
  func poolingAndSimilarityAreTold(variant: String, method: Pooling.Method, similarity: String?) throws {
    let blueprint = try Self.blueprint(variant)
    #expect(blueprint.pooling.method == method)
    #expect(blueprint.similarity == similarity ?? (blueprint.pooling.normalize ? "cosine" : "dot"))
  }

  @Test func theLongestTextIsNoLongerThanThePositionsNor512() throws {
    #expect(try ModelBlueprint(folder: ModelFolder(path: Fixtures.tinyExpert)).maxTokens == 512)
    for variant in ["vanilla", "bert-safetensors", "long-positions"] {
      let blueprint = try Self.blueprint(variant)
      #expect(blueprint.maxTokens == min(512, blueprint.configuration.maxPositions))
    }
    #expect(try Self.blueprint("long-positions").configuration.maxPositions > 512)
  }

  @Test func aModelServesTheTasksThatItHasInstructionsFor() throws {
    #expect(Set(try Self.blueprint("vanilla").tasks) == Set(EncodingTask.allCases))
    let instructed = try Self.blueprint("instruction")
    #expect(instructed.tasks == instructed.instructions?.tasks)
  }
}
