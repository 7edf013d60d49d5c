import GRPC
import Messages
import Transformer

/// `SciMult.GetModel`: what the model is and how much a message may hold.
struct ModelHandler: Sendable {
  let model: ModelDescription

  func handle(_ call: UnaryCall) {
    do throws(WireError) {
      _ = try GetModelRequest(wire: call.message)
      call.respond(.success(model.wire()))
    } catch {
      call.respond(.failure(Status(error)))
    }
  }
}

extension ModelDescription {
  init(_ model: ServedModel, precision: String, maxDocuments: Int, maxMessageBytes: Int) {
    let blueprint = model.blueprint
    self.init(
      name: model.name, architecture: blueprint.architecture.rawValue, dimensions: blueprint.dimensions,
      maxTokens: blueprint.maxTokens, layers: blueprint.configuration.layers,
      tasks: blueprint.tasks.map(\.contractCode), precision: precision, similarity: blueprint.similarity,
      maxDocuments: maxDocuments, maxMessageBytes: maxMessageBytes)
  }
}
