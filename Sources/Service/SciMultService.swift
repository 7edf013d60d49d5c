import GRPC
import Messages
import NIOCore

extension Router {
  /// The methods of `scimult.v1.SciMult`.
  /// - Parameter precision: the encoder's arithmetic, as `GetModel` reports it.
  public static func sciMult(_ engine: Engine, precision: String, maxMessageBytes: Int) -> Router {
    let description = ModelDescription(
      engine.model, precision: precision, maxDocuments: engine.maxDocuments, maxMessageBytes: maxMessageBytes)
    let (encode, rank) = (EncodeHandler(engine: engine), RankHandler(engine: engine))
    let maxDocuments = engine.maxDocuments
    let encodeInspector: MakeMessageInspector = { ScanInspector(scan: .encodeRequest(maxDocuments: maxDocuments)) }
    let rankInspector: MakeMessageInspector = { ScanInspector(scan: .rankRequest(maxDocuments: maxDocuments)) }
    return Router(methods: [
      "/scimult.v1.SciMult/Encode": .unary(encode.handle, inspector: encodeInspector),
      "/scimult.v1.SciMult/Rank": .unary(rank.handle, inspector: rankInspector),
      "/scimult.v1.SciMult/EncodeStream": .stream(encode.handleStreamed, inspector: encodeInspector),
      "/scimult.v1.SciMult/RankStream": .stream(rank.handleStreamed, inspector: rankInspector),
      "/scimult.v1.SciMult/GetModel": .unary(ModelHandler(model: description).handle),
    ])
  }
}

/// Refuses a request whose bytes are invalid, while it arrives.
private struct ScanInspector: MessageInspector {
  var scan: RequestScan

  mutating func inspect(_ bytes: ByteBuffer) throws(Status) {
    try Status.reading { () throws(WireError) in try scan.scan(bytes) }
  }
}
