import Messages
import NIOCore
import TestSupport
import Testing

/// Messages that are refused before protobuf-c reads them, and the field in the error.
@Suite struct WireRefusalTests {
  private static func error(_ bytes: [UInt8], maxDocuments: Int = 8) throws -> WireError {
    try #require(throws: WireError.self) { try RequestBytes.read(bytes, maxDocuments: maxDocuments) }
  }

  private static func rankError(_ bytes: [UInt8], maxDocuments: Int = 8) throws -> WireError {
    try #require(throws: WireError.self) { try RequestBytes.readRank(bytes, maxDocuments: maxDocuments) }
  }

  /// A document after two others, so that its index in the path is 2.
  private static func third(_ document: [UInt8]) -> [[UInt8]] {
    [RequestBytes.document(.text("one")), RequestBytes.document(.text("two")), document]
  }

  /// A document whose only text is the bytes; the place selects the field.
  private static func document(_ place: String, _ bytes: [UInt8]) -> [UInt8] {
    ProtobufWriter.message { document in
      switch place {
      case "id": document.bytes(1, bytes)
      case "text": document.bytes(2, bytes)
      case "paper.title": document.message(3) { $0.bytes(1, bytes) }
      default: document.message(3) { $0.bytes(2, bytes) }
      }
    }
  }

  private static let places = ["id", "text", "paper.title", "paper.abstract"]

  @Test(arguments: places)
  func invalidUTF8NamesItsFieldAndByte(place: String) throws {
    let bad: [[UInt8]] = [
      [0x61, 0x62, 0xff], [0x61, 0x62, 0xc3], [0x61, 0x62, 0xed, 0xa0, 0x80], [0x61, 0x62, 0xc0, 0x80],
      [0x61, 0x62, 0xf4, 0x90, 0x80, 0x80], [0x61, 0x62, 0x80],
    ]
    for bytes in bad {
      let documents = Self.third(Self.document(place, bytes))
      let error = try Self.error(RequestBytes.encode(documents: documents))
      #expect(error.field == "documents[2].\(place)")
      #expect(error.description == "not valid UTF-8 at byte 2")
      #expect(try Self.rankError(RequestBytes.encode(documents: documents)).field == "candidates[2].\(place)")
    }
  }

  @Test(arguments: places)
  func aNULNamesItsFieldAndByte(place: String) throws {
    let error = try Self.error(RequestBytes.encode(documents: Self.third(Self.document(place, [0x61, 0x00, 0x62]))))
    #expect(error.field == "documents[2].\(place)")
    #expect(error.description == "holds a NUL at byte 1")
  }

  @Test(arguments: places)
  func theQueryIsNamedToo(place: String) throws {
    let bytes = ProtobufWriter.message { $0.bytes(3, Self.document(place, [0xfe])) }
    #expect(try Self.rankError(bytes).field == "query.\(place)")
  }

  @Test func textsOfTheRequestItselfAreNamed() throws {
    #expect(try Self.error(ProtobufWriter.message { $0.bytes(1, [0]) }).field == "request_id")
    #expect(try Self.rankError(ProtobufWriter.message { $0.bytes(1, [0xff]) }).field == "request_id")
    #expect(try Self.rankError(ProtobufWriter.message { $0.bytes(5, [0]) }).field == "collection")
    #expect(try Self.error(ProtobufWriter.message { $0.bytes(9, [0x61, 0]) }).field == "task_name")
    #expect(try Self.rankError(ProtobufWriter.message { $0.bytes(12, [0xff]) }).field == "task_name")
  }

  @Test func aTaskNameThatIsTooLongSaysHowLongItMayBe() throws {
    func message(_ field: Int, _ bytes: Int) -> [UInt8] {
      ProtobufWriter.message { $0.string(field, String(repeating: "n", count: bytes)) }
    }
    #expect(try RequestBytes.read(message(9, 64)).taskName.utf8.count == 64)
    #expect(try RequestBytes.readRank(message(12, 64)).taskName.utf8.count == 64)
    for error in [try Self.error(message(9, 65)), try Self.rankError(message(12, 65))] {
      #expect(error.field == "task_name" && error.description == "takes 65 bytes; the limit is 64")
    }
  }

  /// The scan refuses the name by its stated length, before the name's bytes arrive.
  @Test func aTaskNameThatIsTooLongIsKnownByItsLength() throws {
    var scan = RequestScan.encodeRequest(maxDocuments: 1)
    let error = try #require(throws: WireError.self) { try scan.scan(ByteBuffer(bytes: [0x4a, 0x80, 0x10])) }
    #expect(error.field == "task_name" && error.description == "takes 2048 bytes; the limit is 64")
  }

  @Test func oneDocumentTooManyIsRefusedByTheField() throws {
    let documents = Array(repeating: RequestBytes.document(.text("x")), count: 3)
    #expect(try RequestBytes.read(RequestBytes.encode(documents: documents), maxDocuments: 3).documents.count == 3)
    let error = try Self.error(RequestBytes.encode(documents: documents), maxDocuments: 2)
    #expect(error.field == "documents")
    #expect(error.description.contains("the limit is 2"))
    #expect(try Self.rankError(RequestBytes.encode(documents: documents), maxDocuments: 2).field == "candidates")
  }

  @Test func tooManyDocumentsAreRefusedWithoutReadingTheRest() throws {
    let bytes = RequestBytes.encode(documents: [[], [], []]) + [0xff]
    #expect(try Self.error(bytes, maxDocuments: 2).field == "documents")
  }

  @Test func aMalformedPartNamesWhereItLies() throws {
    #expect(try Self.error(RequestBytes.encode(documents: Self.third([0x0a, 0x05, 0x61]))).field == "documents[2]")
    let paper = ProtobufWriter.message { $0.bytes(3, [0x0a]) }
    #expect(try Self.error(RequestBytes.encode(documents: Self.third(paper))).field == "documents[2].paper")
    #expect(try Self.rankError(ProtobufWriter.message { $0.bytes(3, [0x07]) }).field == "query")
  }

  /// Every truncation that is not between two fields.
  @Test(arguments: [true, false])
  func aCutMessageIsRefused(isEncode: Bool) throws {
    let whole = isEncode ? RequestBytes.fullEncode : RequestBytes.fullRank
    for length in 0..<whole.count {
      let cut = Array(whole[..<length])
      let isWhole = ProtobufReader(cut) != nil
      let accepted =
        isEncode ? (try? RequestBytes.read(cut)) != nil : (try? RequestBytes.readRank(cut)) != nil
      #expect(accepted == isWhole, "cut at byte \(length)")
    }
  }

  @Test(
    arguments: [
      ("a group begins", [0x0b]), ("a group ends", [0x0c]), ("wire type 6", [0x0e, 0]), ("wire type 7", [0x0f, 0]),
      ("an unknown group", [0xa3, 0x06, 0xa4, 0x06]), ("field 0", [0x00, 0x00]), ("field 0 of bytes", [0x02, 0x00]),
      ("field 2^29", [0x80, 0x80, 0x80, 0x80, 0x10, 0x00]),
      ("a varint of eleven bytes", [0x10] + [UInt8](repeating: 0x80, count: 10) + [0x00]),
      ("a varint without an end", [0x10, 0x80]),
      ("a length beyond the end", [0x0a, 0x7f, 0x61]),
      ("a length of 2^64 - 1", [0x0a] + [UInt8](repeating: 0xff, count: 9) + [0x01]),
      ("a cut fixed64", [0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7]), ("a cut fixed32", [0xa5, 0x06, 1, 2, 3]),
    ] as [(String, [UInt8])])
  func malformedBytesAreRefused(what: String, bytes: [UInt8]) throws {
    for bytes in [bytes, RequestBytes.fullEncode + bytes] {
      let error = try Self.error(bytes)
      #expect(error.field.isEmpty, "\(what)")
      #expect(error.description.contains("malformed protobuf"), "\(what)")
    }
    #expect(throws: WireError.self) { try GetModelRequest(wire: ByteBuffer(bytes: bytes)) }
  }

  /// The flags of a request, with a wire type other than varint.
  @Test(arguments: [1, 2, 5], [6, 7])
  func aFlagOfAnotherWireTypeIsNotRead(wireType: Int, number: Int) {
    let bytes = ProtobufWriter.message { request in
      switch wireType {
      case 1: request.fixed64(number, 1)
      case 2: request.bytes(number, [1])
      default: request.fixed32(number, 1)
      }
    }
    guard let request = try? RequestBytes.read(bytes) else { return }
    #expect(!request.normalize && !request.rejectTruncation)
  }

  /// protobuf-c would lose the text.
  @Test func aQueryInPartsIsRefused() throws {
    let request = ProtobufWriter.message { request in
      request.bytes(3, RequestBytes.document(.text("a query")))
      request.bytes(3, RequestBytes.document(id: "q", nil))
    }
    let error = try Self.rankError(request)
    #expect(error.field == "query" && error.description == "given more than once")
  }

  /// protobuf-c would lose the title.
  @Test func aPaperInPartsIsRefused() throws {
    let document = ProtobufWriter.message { document in
      document.message(3) { $0.string(1, "title") }
      document.message(3) { $0.string(2, "abstract") }
    }
    let error = try Self.error(RequestBytes.encode(documents: Self.third(document)))
    #expect(error.field == "documents[2].paper" && error.description == "given more than once")
  }
}
