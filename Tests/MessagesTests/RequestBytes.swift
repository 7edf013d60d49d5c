import Messages
import NIOCore
import TestSupport

/// Requests as bytes. A document's fields are id 1, text 2, paper 3 (title 1, abstract 2).
enum RequestBytes {
  static func document(id: String = "", _ content: Document.Content?) -> [UInt8] {
    ProtobufWriter.message { document in
      if !id.isEmpty { document.string(1, id) }
      switch content {
      case .text(let text): document.string(2, text)
      case .paper(let title, let abstract):
        document.message(3) { paper in
          paper.string(1, title)
          paper.string(2, abstract)
        }
      case nil: break
      }
    }
  }

  static func encode(documents: [[UInt8]], _ more: (inout ProtobufWriter) -> Void = { _ in }) -> [UInt8] {
    ProtobufWriter.message { request in
      for document in documents { request.bytes(4, document) }
      more(&request)
    }
  }

  /// A request in which every field is set.
  static let fullEncode = ProtobufWriter.message { request in
    request.string(1, "request é 1")
    request.number(2, 3)
    request.number(3, 2)
    request.bytes(4, document(id: "a", .paper(title: "Löwe", abstract: "An abstract")))
    request.bytes(4, document(id: "b", .text("plain")))
    request.bytes(4, document(.paper(title: "", abstract: "")))
    request.number(5, 4)
    request.number(6, 1)
    request.number(7, 1)
    request.string(9, "régression")
  }

  /// A request in which every field is set.
  static let fullRank = ProtobufWriter.message { request in
    request.string(1, "r-2")
    request.number(2, 1)
    request.bytes(3, document(id: "q", .text("a query")))
    request.bytes(4, document(id: "c0", .text("zero")))
    request.bytes(4, document(id: "c1", .paper(title: "one", abstract: "uno")))
    request.string(5, "collection")
    request.number(6, 300)
    request.number(7, 1)
    request.string(12, "classification")
  }

  static func read(_ bytes: [UInt8], maxDocuments: Int = 8) throws -> EncodeRequest {
    try EncodeRequest(wire: ByteBuffer(bytes: bytes), maxDocuments: maxDocuments)
  }

  static func readRank(_ bytes: [UInt8], maxDocuments: Int = 8) throws -> RankRequest {
    try RankRequest(wire: ByteBuffer(bytes: bytes), maxDocuments: maxDocuments)
  }
}
