import Messages
import NIOCore
import TestSupport
import Testing

/// The result of decoding valid requests.
@Suite struct RequestTests {
  @Test func encodeRequestKeepsEveryField() throws {
    let request = try RequestBytes.read(RequestBytes.fullEncode)
    #expect(request.requestID == "request é 1")
    #expect(request.task == 3)
    #expect(request.role == 2)
    #expect(request.format == 4)
    #expect(request.normalize)
    #expect(request.rejectTruncation)
    #expect(request.taskName == "régression")
    #expect(
      request.documents == [
        Document(id: "a", content: .paper(title: "Löwe", abstract: "An abstract")),
        Document(id: "b", content: .text("plain")),
        Document(content: .paper(title: "", abstract: "")),
      ])
  }

  @Test func rankRequestKeepsEveryField() throws {
    let request = try RequestBytes.readRank(RequestBytes.fullRank)
    #expect(request.requestID == "r-2")
    #expect(request.task == 1)
    #expect(request.query == Document(id: "q", content: .text("a query")))
    #expect(
      request.candidates == [
        Document(id: "c0", content: .text("zero")), Document(id: "c1", content: .paper(title: "one", abstract: "uno")),
      ])
    #expect(request.collection == "collection")
    #expect(request.topK == 300)
    #expect(request.returnDocuments)
    #expect(request.taskName == "classification")
  }

  @Test func absentFieldsAreTheirDefaults() throws {
    let encode = try RequestBytes.read([])
    #expect(encode.requestID.isEmpty && encode.task == 0 && encode.role == 0 && encode.format == 0)
    #expect(encode.documents.isEmpty && !encode.normalize && !encode.rejectTruncation && encode.taskName.isEmpty)
    let rank = try RequestBytes.readRank([])
    #expect(rank.query == nil && rank.candidates.isEmpty && rank.collection.isEmpty && rank.topK == 0)
    #expect(rank.taskName.isEmpty)
    _ = try GetModelRequest(wire: ByteBuffer())
  }

  @Test func fieldsMayComeInAnyOrder() throws {
    let fields = try #require(ProtobufReader(RequestBytes.fullEncode)).fields
    let reversed = ProtobufWriter.message { request in
      for field in fields.reversed() {
        switch field.value {
        case .varint(let value): request.number(field.number, value)
        case .bytes(let bytes): request.bytes(field.number, bytes)
        case .fixed32, .fixed64: Issue.record("the request has no such field")
        }
      }
    }
    var expected = try RequestBytes.read(RequestBytes.fullEncode)
    expected.documents.reverse()
    #expect(try RequestBytes.read(reversed) == expected)
  }

  @Test func theLastOfASingularFieldCounts() throws {
    let request = try RequestBytes.read(
      ProtobufWriter.message { request in
        request.string(1, "first")
        request.number(2, 1)
        request.string(1, "last")
        request.number(2, 2)
      })
    #expect(request.requestID == "last")
    #expect(request.task == 2)
  }

  @Test func theLastOfAOneofCounts() throws {
    let both = ProtobufWriter.message { document in
      document.string(2, "text")
      document.message(3) { $0.string(1, "title") }
    }
    let request = try RequestBytes.read(RequestBytes.encode(documents: [both]))
    #expect(request.documents == [Document(content: .paper(title: "title", abstract: ""))])
  }

  @Test func numbersOfUnknownEnumerationValuesAreKept() throws {
    let request = try RequestBytes.read(
      ProtobufWriter.message { request in
        request.number(2, 99)
        request.number(3, UInt64(bitPattern: -1))
        request.number(5, 7)
      })
    #expect(request.task == 99)
    #expect(request.role == -1)
    #expect(request.format == 7)
  }

  @Test func aDocumentWithoutContentHasNone() throws {
    let request = try RequestBytes.read(RequestBytes.encode(documents: [RequestBytes.document(id: "x", nil), []]))
    #expect(request.documents == [Document(id: "x", content: nil), Document(content: nil)])
  }

  @Test func aMessageMayBeFullOfTheSmallestDocuments() throws {
    let paper = RequestBytes.document(.paper(title: "", abstract: ""))
    let withID = ProtobufWriter.message { document in
      document.string(1, "")
      document.string(2, "")
      document.raw(paper)
    }
    for document in [[], paper, withID] {
      let bytes = RequestBytes.encode(documents: Array(repeating: document, count: 1_024)) { request in
        for _ in 0..<64 { request.number(100, 1) }
      }
      #expect(try RequestBytes.read(bytes, maxDocuments: 1_024).documents.count == 1_024)
      #expect(try RequestBytes.readRank(bytes, maxDocuments: 1_024).candidates.count == 1_024)
    }
  }
}
