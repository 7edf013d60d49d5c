import GRPC
import Messages

extension Router {
  /// The methods of `scimult.v1.SciMult`.
  /// - Parameter precision: the arithmetic of the encoder, as `GetModel` tells it.
  public static func sciMult(_ engine: Engine, precision: String, maxMessageBytes: Int) -> Router {
    let description = ModelDescription(
      engine.model, precision: precision, maxDocuments: engine.maxDocuments, maxMessageBytes: maxMessageBytes)
    return Router(methods: [
      "/scimult.v1.SciMult/Encode": EncodeHandler(engine: engine).handle,
      "/scimult.v1.SciMult/Rank": RankHandler(engine: engine).handle,
      "/scimult.v1.SciMult/GetModel": ModelHandler(model: description).handle,
    ])
  }
}
