import Messages
import TestSupport

/// Decodes requests as the protobuf specification requires, for comparison; nil if the bytes must be refused.
enum ReferenceDecoder {
  static func encodeRequest(_ bytes: [UInt8]) -> DecodedEncode? {
    guard let message = ProtobufReader(bytes) else { return nil }
    var request = DecodedEncode()
    for field in message.fields {
      switch (field.number, field.value) {
      case (1, .bytes(let bytes)):
        guard let text = text(bytes) else { return nil }
        request.requestID = text
      case (2, .varint(let value)): request.task = Int32(truncatingIfNeeded: value)
      case (3, .varint(let value)): request.role = Int32(truncatingIfNeeded: value)
      case (4, .bytes(let bytes)):
        guard let document = document(bytes) else { return nil }
        request.documents.append(document)
      case (5, .varint(let value)): request.format = Int32(truncatingIfNeeded: value)
      case (6, .varint(let value)): request.normalize = value != 0
      case (7, .varint(let value)): request.rejectTruncation = value != 0
      case (9, .bytes(let bytes)):
        guard let name = taskName(bytes) else { return nil }
        request.taskName = name
      default: break
      }
    }
    return request
  }

  static func rankRequest(_ bytes: [UInt8]) -> DecodedRank? {
    guard let message = ProtobufReader(bytes) else { return nil }
    var request = DecodedRank()
    for field in message.fields {
      switch (field.number, field.value) {
      case (1, .bytes(let bytes)):
        guard let text = text(bytes) else { return nil }
        request.requestID = text
      case (2, .varint(let value)): request.task = Int32(truncatingIfNeeded: value)
      case (3, .bytes(let bytes)):
        guard let query = document(bytes, after: request.query) else { return nil }
        request.query = query
      case (4, .bytes(let bytes)):
        guard let document = document(bytes) else { return nil }
        request.candidates.append(document)
      case (5, .bytes(let bytes)):
        guard let text = text(bytes) else { return nil }
        request.collection = text
      case (6, .varint(let value)): request.topK = UInt32(truncatingIfNeeded: value)
      case (7, .varint(let value)): request.returnDocuments = value != 0
      case (12, .bytes(let bytes)):
        guard let name = taskName(bytes) else { return nil }
        request.taskName = name
      default: break
      }
    }
    return request
  }

  /// If a message field occurs again, it is merged into the previous one.
  private static func document(_ bytes: [UInt8], after earlier: Document? = nil) -> Document? {
    guard let message = ProtobufReader(bytes) else { return nil }
    var document = earlier ?? Document(content: nil)
    for field in message.fields {
      guard case .bytes(let bytes) = field.value else { continue }
      switch field.number {
      case 1:
        guard let id = text(bytes) else { return nil }
        document.id = id
      case 2:
        guard let text = text(bytes) else { return nil }
        document.content = .text(text)
      case 3:
        guard let paper = paper(bytes, after: document.content) else { return nil }
        document.content = paper
      default: break
      }
    }
    return document
  }

  private static func paper(_ bytes: [UInt8], after earlier: Document.Content?) -> Document.Content? {
    guard let message = ProtobufReader(bytes) else { return nil }
    var (title, abstract) = ("", "")
    if case .paper(let titleBefore, let abstractBefore) = earlier {
      (title, abstract) = (titleBefore, abstractBefore)
    }
    for field in message.fields {
      guard case .bytes(let bytes) = field.value, field.number == 1 || field.number == 2 else { continue }
      guard let text = text(bytes) else { return nil }
      if field.number == 1 { title = text } else { abstract = text }
    }
    return .paper(title: title, abstract: abstract)
  }

  private static func taskName(_ bytes: [UInt8]) -> String? {
    bytes.count > 64 ? nil : text(bytes)
  }

  private static func text(_ bytes: [UInt8]) -> String? {
    bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
  }
}

/// The content of an `EncodeRequest`.
struct DecodedEncode: Equatable {
  var requestID = ""
  var task: Int32 = 0
  var role: Int32 = 0
  var documents: [Document] = []
  var format: Int32 = 0
  var normalize = false
  var rejectTruncation = false
  var taskName = ""

  init() {}

  init(_ request: EncodeRequest) {
    requestID = request.requestID
    task = request.task
    role = request.role
    documents = request.documents
    format = request.format
    normalize = request.normalize
    rejectTruncation = request.rejectTruncation
    taskName = request.taskName
  }
}

/// The content of a `RankRequest`.
struct DecodedRank: Equatable {
  var requestID = ""
  var task: Int32 = 0
  var query: Document?
  var candidates: [Document] = []
  var collection = ""
  var topK: UInt32 = 0
  var returnDocuments = false
  var taskName = ""

  init() {}

  init(_ request: RankRequest) {
    requestID = request.requestID
    task = request.task
    query = request.query
    candidates = request.candidates
    collection = request.collection
    topK = request.topK
    returnDocuments = request.returnDocuments
    taskName = request.taskName
  }
}
