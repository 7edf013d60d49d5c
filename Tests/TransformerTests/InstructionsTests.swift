import Checkpoint
import Testing

@testable import Transformer

/// scimult.json: the sentences in front of a text.
@Suite struct InstructionsTests {
  private static func read(_ text: String?) throws -> Instructions? {
    let builder = try ModelFolderBuilder()
    if let text { try builder.write("scimult.json", text) }
    return try SciMultFile(folder: builder.folder()).instructions
  }

  @Test func everyTaskAndRoleHasItsSentence() throws {
    let instructions = try #require(
      try Self.read(
        """
        {"instructions": {"search": {"query": "Find papers.", "candidate": "Represent the paper."},
        "link_prediction": {"query": "Ünïcode"}}}
        """))
    #expect(instructions[.search, .query] == "Find papers.")
    #expect(instructions[.search, .candidate] == "Represent the paper.")
    #expect(instructions[.linkPrediction, .query] == "Ünïcode")
    #expect(instructions[.linkPrediction, .candidate] == nil)
    #expect(instructions[.classification, .query] == nil)
    #expect(Set(instructions.tasks) == [.search, .linkPrediction])
  }

  @Test(
    arguments: [
      nil, "{}", "{\"instructions\": {}}", "{\"instructions\": null}", "{\"instructions\": {\"search\": {}}}",
    ])
  func withoutInstructionsThereAreNone(text: String?) throws {
    #expect(try Self.read(text) == nil)
  }

  @Test(
    arguments: [
      ("{\"instructions\": {\"\": {\"query\": \"x\"}}}", "instructions."),
      ("{\"instructions\": {\"search\": {\"reader\": \"x\"}}}", "instructions.search.reader"),
      ("{\"instruction\": {\"search\": {\"query\": \"x\"}}}", "instruction"), ("{\"papers\": \"both\"}", "papers"),
      ("{\"similarity\": \"near\"}", "similarity"), ("{\"instructions\": [1]}", "instructions"),
      ("{\"instructions\": {\"search\": \"x\"}}", "instructions.search"),
      ("{\"instructions\": {\"search\": {\"query\": 1}}}", "instructions.search.query"),
    ])
  func aKeyOrValueThatIsNotKnownIsNamed(text: String, entry: String) throws {
    let error = try #require(throws: ModelError.self) { try Self.read(text) }
    #expect(error.entry == entry)
    #expect(error.file.hasSuffix("/scimult.json"))
  }

  @Test(arguments: ["", "[]", "{"])
  func anythingButAnObjectIsRefused(text: String) throws {
    let error = try #require(throws: ModelError.self) { try Self.read(text) }
    #expect(error.file.hasSuffix("/scimult.json"))
  }
}
