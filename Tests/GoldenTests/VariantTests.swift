import TestSupport
import Testing

/// Every supported form of a model folder gives PyTorch's vectors.
@Suite struct VariantTests {
  @Test func allVariantsExist() {
    #expect(Fixtures.variants.count >= 68)
  }

  @Test(arguments: Fixtures.variants)
  func givesTheVectorsOfPyTorch(variant: String) throws {
    let golden = try Self.golden(variant)
    golden.expectEqualTokens()
    golden.expectEqualValues()
  }

  @Test(arguments: Fixtures.variants)
  func companyChangesRoundingAlone(variant: String) throws {
    try Self.golden(variant).expectCompanyChangesRoundingAlone(rounds: 20, seed: 11)
  }

  private static func golden(_ variant: String) throws -> GoldenModel {
    let folder = Fixtures.golden + "/variants/" + variant
    return try GoldenModel(folder: folder, expected: folder + "/expected.jsonl")
  }
}
