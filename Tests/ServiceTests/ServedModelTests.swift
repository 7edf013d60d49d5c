import Checkpoint
import Messages
import Service
import TestSupport
import Testing
import Transformer

/// How the server loads a model folder.
@Suite struct ServedModelTests {
  @Test func theNameIsTheFoldersUnlessAnotherIsGiven() throws {
    #expect(try ServedModel(path: Fixtures.tinyExpert).name == "tiny-expert")
    #expect(try ServedModel(path: Fixtures.tinyExpert + "/").name == "tiny-expert")
    #expect(try ServedModel(path: Fixtures.tinyExpert, name: "other").name == "other")
  }

  @Test func aDocumentReaderNeedsNoFiniteWeights() throws {
    let folder = Fixtures.golden + "/refused/weight-nan"
    _ = try DocumentReader(path: folder)
    #expect(throws: ModelError.self) { try ServedModel(path: folder) }
  }

  @Test func theInstructionGoesInFrontOfTheText() throws {
    let reader = try DocumentReader(path: Fixtures.golden + "/variants/instruction")
    let instructions = try #require(reader.blueprint.reading.instructions)
    let sentence = try #require(instructions[.search, .query])
    let instructed = reader.tokens(of: .text("ferns"), task: .search, role: .query)
    #expect(instructed == reader.tokens(of: .text(sentence + " ferns"), task: nil, role: .query))
    #expect(instructed != reader.tokens(of: .text("ferns"), task: nil, role: .query))
  }

  @Test func aFolderThatIsNotThereIsOneLine() throws {
    let error = try #require(throws: ModelError.self) { try ServedModel(path: "/nowhere/at/all") }
    #expect(error.description.hasPrefix("/nowhere/at/all"))
  }
}
