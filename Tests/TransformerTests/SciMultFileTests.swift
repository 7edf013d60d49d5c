import Checkpoint
import Testing

@testable import Transformer

/// scimult.json: lengths, encoders and control codes.
@Suite struct SciMultFileTests {
  private static func read(_ text: String) throws -> SciMultFile {
    let builder = try ModelFolderBuilder()
    try builder.write("scimult.json", text)
    return try SciMultFile(folder: builder.folder())
  }

  @Test(
    arguments: [
      (#"{"max_tokens": 9}"#, [.query: 9, .candidate: 9]), (#"{"max_tokens": {"query": 9}}"#, [.query: 9]),
      (#"{"max_tokens": {"query": 2, "candidate": 512}}"#, [.query: 2, .candidate: 512]), (#"{"max_tokens": {}}"#, [:]),
      (#"{"max_tokens": null}"#, [:]), (#"{"max_tokens": {"query": null}}"#, [:]), ("{}", [:]),
    ] as [(String, [EncodingRole: Int])])
  func lengthsAreOfBothRolesOrOfEach(text: String, limits: [EncodingRole: Int]) throws {
    #expect(try Self.read(text).maxTokens == limits)
  }

  @Test func aControlCodeIsOfBothRolesOrOfEach() throws {
    let codes = try #require(
      try Self.read(#"{"control_codes": {"search": {"query": "[A]", "candidate": "[B]"}, "topics": "[C]"}}"#)
        .controlCodes)
    let topics = try #require(EncodingTask(rawValue: "topics"))
    #expect(codes[.search, .query] == "[A]" && codes[.search, .candidate] == "[B]")
    #expect(codes[topics, .query] == "[C]" && codes[topics, .candidate] == "[C]")
    #expect(codes.tasks == [.search, topics])
  }

  @Test func theCodesOfSciRepEvalAreKnown() throws {
    let codes = try #require(try Self.read(#"{"control_codes": true}"#).controlCodes)
    #expect(codes.tasks == EncodingTask.standard + [.regression])
    #expect(codes[.search, .query] == "[QRY]" && codes[.search, .candidate] == "[PRX]")
    for text in [#"{"control_codes": false}"#, #"{"control_codes": null}"#, #"{"control_codes": {}}"#] {
      #expect(try Self.read(text).controlCodes == nil)
    }
  }

  @Test func encodersAreFoldersByRole() throws {
    let file = try Self.read(#"{"encoders": {"query": "a", "candidate": "b/c"}}"#)
    #expect(file.encoders == [.query: "a", .candidate: "b/c"])
  }

  @Test(arguments: [
    (#"{"max_tokens": 1}"#, "max_tokens"), (#"{"max_tokens": -5}"#, "max_tokens"),
    (#"{"max_tokens": "9"}"#, "max_tokens"),
    (#"{"max_tokens": [9]}"#, "max_tokens"), (#"{"max_tokens": 1e30}"#, "max_tokens"),
    (#"{"max_tokens": 2.5}"#, "max_tokens"),
    (#"{"max_tokens": {"reader": 9}}"#, "max_tokens.reader"), (#"{"max_tokens": {"query": 1}}"#, "max_tokens.query"),
    (#"{"max_tokens": {"candidate": true}}"#, "max_tokens.candidate"), (#"{"encoders": {}}"#, "encoders.query"),
    (#"{"encoders": {"query": "a"}}"#, "encoders.candidate"), (#"{"encoders": "a"}"#, "encoders"),
    (#"{"encoders": {"query": "a", "candidate": "b", "reader": "c"}}"#, "encoders.reader"),
    (#"{"encoders": {"query": 1, "candidate": "b"}}"#, "encoders.query"),
    (#"{"encoders": {"query": "a", "candidate": "b"}, "experts": {"search": "c"}}"#, "encoders"),
    (#"{"control_codes": "[A]"}"#, "control_codes"), (#"{"control_codes": {"search": 1}}"#, "control_codes.search"),
    (#"{"control_codes": {"search": {"reader": "a"}}}"#, "control_codes.search.reader"),
    (#"{"control_codes": {"a\nb": "c"}}"#, "control_codes.a\\u{a}b"),
    (#"{"control_codes": true, "instructions": {"search": {"query": "a"}}}"#, "control_codes"),
    (#"{"Experts": {}}"#, "Experts"),
  ])
  func whatCannotBeServedIsNamedByItsKey(text: String, entry: String) throws {
    let error = try #require(throws: ModelError.self) { try Self.read(text) }
    #expect(error.entry == entry)
    #expect(error.file.hasSuffix("/scimult.json"))
  }
}
