import Checkpoint
import Testing

@testable import Transformer

/// scimult.json: the sentences in front of a text.
@Suite struct InstructionsTests {
  private static func read(_ text: String?) throws -> Instructions? {
    let builder = try ModelFolderBuilder()
    if let text { try builder.write("scimult.json", text) }
    return try Instructions(folder: builder.folder())
  }

  @Test func everyTaskAndRoleHasItsSentence() throws {
    let instructions = try #require(
      try Self.read(
        """
        {"instructions": {"search": {"query": "Find papers.", "candidate": "Represent the paper."},
        "link_prediction": {"query": "Ünïcode"}}, "other": 1}
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
      ("{\"instructions\": {\"summarise\": {\"query\": \"x\"}}}", "instructions.summarise"),
      ("{\"instructions\": {\"search\": {\"reader\": \"x\"}}}", "instructions.search.reader"),
    ])
  func anUnknownTaskOrRoleIsNamed(text: String, entry: String) throws {
    let error = try #require(throws: ModelError.self) { try Self.read(text) }
    #expect(error.entry == entry)
    #expect(error.file.hasSuffix("/scimult.json"))
  }

  @Test(
    arguments: [
      "", "[]", "{\"instructions\": []}", "{\"instructions\": {\"search\": \"x\"}}",
      "{\"instructions\": {\"search\": {\"query\": 1}}}",
    ])
  func anotherShapeIsRefused(text: String) throws {
    let error = try #require(throws: ModelError.self) { try Self.read(text) }
    #expect(error.file.hasSuffix("/scimult.json"))
    #expect(error.reason.contains("instructions"))
  }
}
