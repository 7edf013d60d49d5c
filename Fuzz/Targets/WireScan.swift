import NIOCore

@testable import Messages

extension FuzzTarget {
  /// Requests. The scan of a whole message and the scan of its pieces have the same result. protobuf-c can unpack each
  /// message that passes the scan, within its memory budget.
  static let wireScan = FuzzTarget(name: "wire-scan") { bytes in
    for schema in [WireSchema.encodeRequest, .rankRequest] {
      let whole = fault(in: [bytes[...]], schema)
      let inPieces = fault(in: pieces(of: bytes), schema)
      try promise(
        whole?.field == inPieces?.field && (whole == nil) == (inPieces == nil),
        "\(whole?.description ?? "right") is \(inPieces?.description ?? "right") in pieces")
    }
    let wire = ByteBuffer(bytes: bytes)
    let encode = readFault { () throws(WireError) in
      try EncodeRequest(wire: wire, maxDocuments: maxDocuments).documents
    }
    try promise(encode == fault(in: [bytes[...]], .encodeRequest), "Encode: \(encode?.description ?? "was read")")
    let rank = readFault { () throws(WireError) in try RankRequest(wire: wire, maxDocuments: maxDocuments).candidates }
    try promise(rank == fault(in: [bytes[...]], .rankRequest), "Rank: \(rank?.description ?? "was read")")
  }

  private static let maxDocuments = 8

  private static func fault(in pieces: [ArraySlice<UInt8>], _ schema: WireSchema) -> WireError? {
    var scan = WireScan(schema, maxDocuments: maxDocuments)
    do throws(WireError) {
      for piece in pieces { try scan.scan(piece.span) }
      try scan.finish()
      return nil
    } catch {
      return error
    }
  }

  private static func readFault(_ read: () throws(WireError) -> [Document]) -> WireError? {
    do throws(WireError) {
      return try read().count <= maxDocuments ? nil : WireError(field: "", description: "too many documents")
    } catch {
      return error
    }
  }
}
