import CProtobufC
import CSciMultProto
import NIOCore

/// A text or a paper to embed.
public struct Document: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    case text(String)
    case paper(title: String, abstract: String)
  }

  public var id: String
  /// nil if the client set none.
  public var content: Content?

  public init(id: String = "", content: Content?) {
    self.id = id
    self.content = content
  }
}

/// Enumerations are numbers as on the wire; validation decides which of them are known.
public struct EncodeRequest: Sendable, Equatable {
  public var requestID: String
  public var task: Int32
  public var role: Int32
  public var documents: [Document]
  public var format: Int32
  public var normalize: Bool
  public var rejectTruncation: Bool
  /// Empty if the client set none.
  public var taskName = ""
}

public struct RankRequest: Sendable, Equatable {
  public var requestID: String
  public var task: Int32
  public var query: Document?
  public var candidates: [Document]
  public var collection: String
  public var topK: UInt32
  public var returnDocuments: Bool
  /// Empty if the client set none.
  public var taskName = ""
}

extension EncodeRequest {
  /// Reads a request from the wire.
  /// - Parameter maxDocuments: a request with more documents is refused.
  /// - Throws: ``WireError`` with the field.
  public init(wire bytes: ByteBuffer, maxDocuments: Int) throws(WireError) {
    self = try unpack(
      bytes, .encodeRequest, maxDocuments: maxDocuments, with: scimult__v1__encode_request__unpack
    ) { message in
      EncodeRequest(
        requestID: String(cString: message.request_id), task: Int32(truncatingIfNeeded: message.task.rawValue),
        role: Int32(truncatingIfNeeded: message.role.rawValue),
        documents: documentList(message.documents, count: message.n_documents),
        format: Int32(truncatingIfNeeded: message.format.rawValue), normalize: message.normalize != 0,
        rejectTruncation: message.reject_truncation != 0, taskName: String(cString: message.task_name))
    }
  }
}

extension RankRequest {
  /// Reads a request from the wire.
  /// - Parameter maxDocuments: a request with more candidates is refused.
  /// - Throws: ``WireError`` with the field.
  public init(wire bytes: ByteBuffer, maxDocuments: Int) throws(WireError) {
    self = try unpack(
      bytes, .rankRequest, maxDocuments: maxDocuments, with: scimult__v1__rank_request__unpack
    ) { message in
      RankRequest(
        requestID: String(cString: message.request_id), task: Int32(truncatingIfNeeded: message.task.rawValue),
        query: message.query.map { Document($0.pointee) },
        candidates: documentList(message.candidates, count: message.n_candidates),
        collection: String(cString: message.collection), topK: message.top_k,
        returnDocuments: message.return_documents != 0, taskName: String(cString: message.task_name))
    }
  }
}

/// The request for the model's description; it has no fields.
public struct GetModelRequest: Sendable {
  /// Checks that the bytes are a message.
  /// - Throws: ``WireError`` if they are not.
  public init(wire bytes: ByteBuffer) throws(WireError) {
    try WireScan.check(bytes.readableBytesUInt8Span, against: .getModelRequest, maxDocuments: 0)
  }
}

typealias Unpacker<Message> = (
  UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?
) -> UnsafeMutablePointer<Message>?

/// Scans, unpacks into an arena, and copies into Swift values.
func unpack<Message, Value>(
  _ bytes: ByteBuffer, _ schema: WireSchema, maxDocuments: Int, with unpacker: Unpacker<Message>,
  read: (Message) -> Value
) throws(WireError) -> Value {
  try WireScan.check(bytes.readableBytesUInt8Span, against: schema, maxDocuments: maxDocuments)
  // Texts take their bytes and a NUL; a document also takes some 150 bytes of structures.
  let arena = MessageArena(budget: 2 * bytes.readableBytes + 512 * (maxDocuments + WireScan.maxSurplusFields) + 4096)
  let value = bytes.withUnsafeReadableBytes { raw in
    arena.withAllocator { allocator in
      unpacker(allocator, raw.count, raw.bindMemory(to: UInt8.self).baseAddress).map { read($0.pointee) }
    }
  }
  guard let value else { throw WireError(field: "", description: "malformed protobuf") }
  return value
}

private func documentList(
  _ messages: UnsafeMutablePointer<UnsafeMutablePointer<Scimult__V1__Document>?>?, count: Int
) -> [Document] {
  UnsafeBufferPointer(start: messages, count: count).map { message in
    message.map { Document($0.pointee) } ?? Document(content: nil)
  }
}

extension Document {
  fileprivate init(_ message: Scimult__V1__Document) {
    id = String(cString: message.id)
    switch message.content_case {
    case SCIMULT__V1__DOCUMENT__CONTENT_TEXT:
      content = .text(String(cString: message.text))
    case SCIMULT__V1__DOCUMENT__CONTENT_PAPER:
      let paper = message.paper.pointee
      content = .paper(title: String(cString: paper.title), abstract: String(cString: paper.abstract))
    default:
      content = nil
    }
  }
}
