import NIOCore
import TestSupport
import Testing

@testable import Messages

/// Encoded responses, read by a decoder that shares no code with the server.
@Suite struct ResponseTests {
  private static func read(_ buffer: ByteBuffer) throws -> ProtobufReader {
    try #require(ProtobufReader(Array(buffer.readableBytesView)))
  }

  @Test func encodeResponseKeepsEveryField() throws {
    let response = EncodeResponse(
      requestID: "r", model: "Modell ä",
      embeddings: [
        Embedding(id: "a", payload: .values([1, -2.5, 0, .leastNonzeroMagnitude]), tokens: 512, truncated: true),
        Embedding(id: "", payload: .data([0, 255, 0]), tokens: 2, truncated: false),
        Embedding(id: "c", payload: .scaled([129, 127], scale: 0.25), tokens: 3, truncated: false),
      ], fingerprint: "f0")
    let message = try Self.read(response.wire())
    #expect(message.string(1) == "r")
    #expect(message.string(2) == "Modell ä")
    #expect(message.string(5) == "f0")
    let embeddings = message.messages(3)
    #expect(embeddings.count == 3)
    #expect(embeddings[0].string(1) == "a")
    #expect(embeddings[0].floats(2) == [1, -2.5, 0, .leastNonzeroMagnitude])
    #expect(embeddings[0].number(5) == 512)
    #expect(embeddings[0].number(6) == 1)
    #expect(embeddings[0][3].isEmpty && embeddings[0][4].isEmpty)
    #expect(embeddings[1].bytes(3) == [0, 255, 0])
    #expect(embeddings[1].floats(2).isEmpty)
    #expect(embeddings[1].number(5) == 2)
    #expect(embeddings[1].number(6) == 0)
    #expect(embeddings[2].bytes(3) == [129, 127])
    #expect(embeddings[2].float(4) == 0.25)
  }

  @Test func rankResponseKeepsEveryField() throws {
    let response = RankResponse(
      requestID: "r", model: "m",
      results: [
        RankedCandidate(index: 70_000, id: "x", score: -3.5, document: nil),
        RankedCandidate(
          index: 0, id: "y", score: 0, document: Document(id: "y", content: .paper(title: "T", abstract: "A"))),
        RankedCandidate(index: 1, id: "z", score: 1, document: Document(content: .text("t"))),
      ], fingerprint: "f0")
    let message = try Self.read(response.wire())
    #expect(message.string(1) == "r")
    #expect(message.string(2) == "m")
    #expect(message.string(5) == "f0")
    let results = message.messages(3)
    #expect(results.map { $0.number(1) } == [70_000, 0, 1])
    #expect(results.map { $0.string(2) } == ["x", "y", "z"])
    #expect(results.map { $0.float(3) } == [-3.5, 0, 1])
    #expect(results[0].messages(4).isEmpty)
    let paper = try #require(results[1].messages(4).first)
    #expect(paper.string(1) == "y")
    #expect(paper.messages(3).first?.string(1) == "T")
    #expect(paper.messages(3).first?.string(2) == "A")
    #expect(results[2].messages(4).first?.string(2) == "t")
  }

  @Test func aDocumentWithEmptyContentStillHasIt() throws {
    for content in [Document.Content.text(""), .paper(title: "", abstract: "")] {
      let result = RankedCandidate(index: 0, id: "", score: 0, document: Document(content: content))
      let message = try Self.read(RankResponse(requestID: "", model: "", results: [result]).wire())
      let document = try #require(message.messages(3).first?.messages(4).first)
      #expect(document.fields.map(\.number) == [content == .text("") ? 2 : 3])
    }
  }

  @Test func modelDescriptionKeepsEveryField() throws {
    let description = ModelDescription(
      name: "n", architecture: "expert", dimensions: 768, maxTokens: 512, layers: 12, tasks: [1, 2, 3],
      precision: "fp32", similarity: "dot", maxDocuments: 1_024, maxMessageBytes: 1 << 33, fingerprint: "f0",
      experts: [
        ModelExpert(task: "search", role: 1, name: "ad hoc"), ModelExpert(task: "régression", role: 2, name: ""),
      ], taskNames: ["search", "régression", ""])
    let message = try Self.read(description.wire())
    #expect(message.string(1) == "n")
    #expect(message.string(2) == "expert")
    #expect([3, 4, 5, 9, 10].map { message.number($0) } == [768, 512, 12, 1_024, 1 << 33])
    #expect(message.bytes(6) == [1, 2, 3], "repeated enumerations are packed")
    #expect(message.string(7) == "fp32")
    #expect(message.string(8) == "dot")
    #expect(message.string(11) == "f0")
    let experts = message.messages(12)
    #expect(experts.map { $0.string(1) } == ["search", "régression"])
    #expect(experts.map { $0.number(2) } == [1, 2])
    #expect(experts.map { $0.string(3) } == ["ad hoc", ""])
    #expect(message.allBytes(13).map { String(decoding: $0, as: UTF8.self) } == ["search", "régression", ""])
  }

  @Test func emptyResponsesAreEmpty() throws {
    #expect(EncodeResponse(requestID: "", model: "", embeddings: []).wire().readableBytes == 0)
    #expect(RankResponse(requestID: "", model: "", results: []).wire().readableBytes == 0)
  }

  @Test func aLargeResponseIsWhole() throws {
    var generator = SeededGenerator(seed: 24)
    let vectors = (0..<500).map { _ in generator.floats(384) }
    let response = EncodeResponse(
      requestID: "", model: "",
      embeddings: vectors.map { Embedding(id: "", payload: .values($0), tokens: 1, truncated: false) })
    #expect(try Self.read(response.wire()).messages(3).map { $0.floats(2) } == vectors)
  }
}
