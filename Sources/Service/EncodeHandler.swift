import Batching
import GRPC
import Messages
import NIOCore
import Tensor

/// `SciMult.Encode` and `EncodeStream`: documents to embeddings.
struct EncodeHandler: Sendable {
  let engine: Engine

  func handle(_ request: Request) {
    encode(Answer(request))
  }

  func handleStreamed(_ request: Request) {
    let model = engine.model.name
    encode(
      Answer(request) { status, requestID in
        EncodeResponse(requestID: requestID, model: model, status: StreamStatus(status)).wire()
      })
  }

  private func encode(_ answer: Answer) {
    engine.read(answer, as: parse) { (request, answer) throws(Status) in
      let validation = engine.validation
      let task = try validation.task(request.task, name: request.taskName)
      let role = try validation.role(request.role)
      let format = try validation.format(request.format)
      let documents = try validation.inputs(
        request.documents, field: "documents", task: task, role: role, rejectTruncation: request.rejectTruncation)
      let ids = request.documents.map(\.id)
      engine.encode(documents, named: { "documents[\($0)]" }, for: answer) { (vectors) throws(Status) in
        var embeddings: [Embedding] = []
        for (index, vector) in vectors.enumerated() {
          let values = request.normalize ? Vector.normalized(vector) : vector
          if let tooLarge = format.firstTooLarge(values) {
            throw .invalid(
              "format",
              "float16 holds up to \(Float16.greatestFiniteMagnitude), and documents[\(index)] has the value "
                + "\(tooLarge): ask for float32, or for normalize")
          }
          embeddings.append(
            Embedding(
              id: ids[index], payload: format.payload(values), tokens: documents.inputs[index].tokens.count,
              truncated: documents.truncated[index]))
        }
        return EncodeResponse(
          requestID: request.requestID, model: engine.model.name, embeddings: embeddings,
          fingerprint: engine.model.fingerprint
        ).wire()
      }
    }
  }

  private func parse(_ message: ByteBuffer) throws(Status) -> EncodeRequest {
    try Status.reading { () throws(WireError) in try EncodeRequest(wire: message, maxDocuments: engine.maxDocuments) }
  }
}

extension EncodeRequest: TextsRequest {}
