import Foundation
import Service
import TestSupport
import Testing

@testable import scimult

/// The report of `scimult inspect`.
@Suite struct ModelReportTests {
  @Test func theJSONTellsTheModelsShape() throws {
    let report = ModelReport(try ServedModel(path: Fixtures.tinyExpert))
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(try report.json().utf8)) as? [String: Any])
    #expect(object["name"] as? String == "tiny-expert")
    #expect(object["architecture"] as? String == "expert")
    #expect(object["experts"] as? Int == 3)
    #expect(object["expert_rule"] as? String == "mod2:attn")
    #expect(object["expert_layers"] as? [Int] == [1, 3])
    #expect(object["expert_parts"] as? [String] == ["attention"])
    #expect(object["layers"] as? Int == 4)
    #expect(object["hidden_size"] as? Int == 64)
    #expect(object["dimensions"] as? Int == 64)
    #expect(object["max_tokens"] as? Int == 512)
    #expect(object["pooling"] as? String == "cls")
    #expect(object["similarity"] as? String == "dot")
  }

  @Test func theJSONTellsWhichExpertServesWhat() throws {
    let report = ModelReport(try ServedModel(path: Fixtures.golden + "/variants/bottleneck-different"))
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(try report.json().utf8)) as? [String: Any])
    #expect(object["experts"] as? Int == 4 && object["encoders"] as? Int == 1)
    #expect(
      object["tasks"] as? [String] == [
        "classification", "link_prediction", "search", "regression", "topics of papers",
      ])
    let routes = try #require(object["routes"] as? [[String: String]])
    #expect(routes.count == 10)
    #expect(routes.contains(["task": "search", "role": "query", "expert": "ask"]))
    #expect(routes.contains(["task": "search", "role": "candidate", "expert": "find"]))
    #expect(routes.contains(["task": "link_prediction", "role": "candidate", "expert": "base"]))
    #expect((object["fingerprint"] as? String)?.count == 32)
  }

  @Test(arguments: ["vanilla", "instruction", "separate-encoders", "sentence-transformers-mean"])
  func theTableHasALineForEachFact(variant: String) throws {
    let report = ModelReport(try ServedModel(path: Fixtures.golden + "/variants/" + variant))
    let lines = report.table().split(separator: "\n")
    #expect(lines.count >= 9)
    #expect(lines.contains { $0.hasPrefix("model") && $0.hasSuffix(variant) })
    #expect(lines.contains { $0.hasPrefix("architecture") && $0.contains(report.architecture) })
  }
}
