import GRPC
import Messages

extension Router {
  /// The methods of `scimult.v1.SciMult`.
  /// - Parameter precision: the arithmetic of the encoder, as `GetModel` tells it.
  public static func sciMult(_ engine: Engine, precision: String, maxMessageBytes: Int) -> Router {
    let description = ModelDescription(
      engine.model, precision: precision, maxDocuments: engine.maxDocuments, maxMessageBytes: maxMessageBytes)
    return Router(methods: [
      "/scimult.v1.SciMult/Encode": .unary(EncodeHandler(engine: engine).handle),
      "/scimult.v1.SciMult/Rank": .unary(RankHandler(engine: engine).handle),
      "/scimult.v1.SciMult/EncodeStream": .stream(EncodeHandler(engine: engine).handleStreamed),
      "/scimult.v1.SciMult/RankStream": .stream(RankHandler(engine: engine).handleStreamed),
      "/scimult.v1.SciMult/GetModel": .unary(ModelHandler(model: description).handle),
    ])
  }
}
