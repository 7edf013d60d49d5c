import Foundation
import TestSupport
import Testing
import Transformer

/// A real sentence-transformers model, which `make setup` installs. `make test` sets SCIMULT_MINILM to its folder.
@Suite struct MiniLMTests {
  private static let folder = ProcessInfo.processInfo.environment["SCIMULT_MINILM"]
  private static let isContinuousIntegration = ProcessInfo.processInfo.environment["CI"] != nil
  private static let expected = Fixtures.golden + "/minilm.jsonl"

  @Test(.enabled(if: folder != nil || isContinuousIntegration, "SCIMULT_MINILM names no folder"))
  func givesTheVectorsOfPyTorch() throws {
    let golden = try GoldenModel(folder: try #require(Self.folder), expected: Self.expected)
    golden.expectEqualTokens()
    golden.expectEqualValues()
    golden.expectCompanyChangesRoundingAlone(rounds: 2, seed: 13)
  }

  /// Without the files of sentence-transformers the folder is a plain BERT, whose embedding is the first token's state.
  @Test(.enabled(if: folder != nil || isContinuousIntegration, "SCIMULT_MINILM names no folder"))
  func givesTheFirstTokensStateOfPyTorchAsAPlainBERT() throws {
    let folder = try #require(Self.folder)
    let plain = try TemporaryFolder()
    for name in ["config.json", "vocab.txt", "model.safetensors"] {
      try FileManager.default.createSymbolicLink(atPath: plain.file(name), withDestinationPath: folder + "/" + name)
    }
    let golden = try GoldenModel(folder: plain.path, expected: Self.expected)
    #expect(golden.model.blueprint.head.pooling == .cls)
    for (index, row) in golden.rows.enumerated() where row.truncated != true {
      let embedding = golden.model.encoder.encode([row.input(of: golden.model)], scratch: Scratch())[0]
      #expect(largestDifference(embedding, try #require(row.cls)) <= GoldenModel.tolerance, "row \(index)")
    }
  }
}
