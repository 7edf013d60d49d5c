import TestSupport
import Testing
import Transformer

/// A checkpoint with results of the original SciMult code.
@Suite struct TinyExpertTests {
  let golden: GoldenModel

  init() throws {
    golden = try GoldenModel(folder: Fixtures.tinyExpert, expected: Fixtures.tinyExpert + "/expected.jsonl")
  }

  @Test func givesTheVectorsOfTheOriginalCode() {
    golden.expectEqualTokens()
    golden.expectEqualValues()
  }

  @Test func companyChangesRoundingAlone() {
    golden.expectCompanyChangesRoundingAlone(rounds: 30, seed: 12)
  }

  @Test func aTextHasOneVectorForEachTask() {
    let tokens = golden.rows[0].ids
    let vectors = EncodingTask.standard.map { task in
      golden.model.encoder.encode(
        [EncoderInput(tokens: tokens, task: task, role: .query)], scratch: Scratch())[0]
    }
    #expect(largestDifference(vectors[0], vectors[1]) > 1e-2)
    #expect(largestDifference(vectors[1], vectors[2]) > 1e-2)
    #expect(largestDifference(vectors[0], vectors[2]) > 1e-2)
  }
}
