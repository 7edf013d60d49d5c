import GRPC
import Messages
import NIOCore
import Transformer

/// `SciMult.GetModel`: the model's description, and the limits of a message.
struct ModelHandler: Sendable {
  let model: ModelDescription

  func handle(_ request: Request) {
    defer { request.messageIsConsumed() }
    do throws(Status) {
      let message = try request.message()
      _ = try Status.reading { () throws(WireError) in try GetModelRequest(wire: message) }
      request.respond(.success(model.wire()))
    } catch {
      request.respond(.failure(error))
    }
  }
}

extension ModelDescription {
  init(_ model: ServedModel, precision: String, maxDocuments: Int, maxMessageBytes: Int) {
    let blueprint = model.blueprint
    self.init(
      name: model.name, architecture: blueprint.architecture.rawValue, dimensions: blueprint.dimensions,
      maxTokens: blueprint.maxTokens, layers: blueprint.configuration.layers,
      tasks: blueprint.tasks.compactMap(\.contractCode), precision: precision,
      similarity: blueprint.similarity.rawValue,
      maxDocuments: maxDocuments, maxMessageBytes: maxMessageBytes, fingerprint: model.fingerprint,
      experts: blueprint.experts.map { ModelExpert(task: $0.task.rawValue, role: $0.role.contractCode, name: $0.name) },
      taskNames: blueprint.tasks.map(\.rawValue))
  }
}
