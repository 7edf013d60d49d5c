import Batching
import GRPC
import Messages
import NIOCore
import Tensor

/// `SciMult.Encode`: documents to embeddings.
struct EncodeHandler: Sendable {
  let engine: Engine

  func handle(_ call: UnaryCall) {
    engine.prepare(call) { () throws(Status) in
      let request = try EncodeRequest(parsing: call.message, maxDocuments: engine.maxDocuments)
      let validation = engine.validation
      let task = try validation.task(request.task)
      let role = try validation.role(request.role)
      let format = try validation.format(request.format)
      let documents = try validation.inputs(
        request.documents, field: "documents", task: task, role: role, rejectTruncation: request.rejectTruncation)
      let ids = request.documents.map(\.id)
      engine.encode(documents.inputs, named: { "documents[\($0)]" }, for: call) { embeddings in
        let embeddings = embeddings.enumerated().map { index, values in
          Embedding(
            id: ids[index], payload: format.payload(request.normalize ? Vector.normalized(values) : values),
            tokens: documents.inputs[index].tokens.count, truncated: documents.truncated[index])
        }
        return EncodeResponse(requestID: request.requestID, model: engine.model.name, embeddings: embeddings).wire()
      }
    }
  }
}

extension EncodeRequest {
  init(parsing message: ByteBuffer, maxDocuments: Int) throws(Status) {
    do {
      try self.init(wire: message, maxDocuments: maxDocuments)
    } catch {
      throw Status(error)
    }
  }
}
