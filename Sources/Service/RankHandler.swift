import Batching
import GRPC
import Messages
import NIOCore
import Transformer

/// `SciMult.Rank` and `RankStream`: the request's candidates, ordered by the similarity of their embeddings to the
/// query's.
struct RankHandler: Sendable {
  let engine: Engine

  func handle(_ request: Request) {
    rank(Answer(request))
  }

  func handleStreamed(_ request: Request) {
    let model = engine.model.name
    rank(
      Answer(request) { status, requestID in
        RankResponse(requestID: requestID, model: model, status: StreamStatus(status)).wire()
      })
  }

  private func rank(_ answer: Answer) {
    engine.read(answer, as: parse) { (request, answer) throws(Status) in
      guard request.collection.isEmpty else {
        throw Status(.unimplemented, "RankRequest.collection is not implemented by this server")
      }
      let validation = engine.validation
      let task = try validation.task(request.task, name: request.taskName)
      guard let query = request.query else { throw .invalid("query", "must be set") }
      let (queryInput, truncated) = try validation.input(query, field: "query", task: task, role: .query)
      let candidates = try validation.inputs(request.candidates, field: "candidates", task: task, role: .candidate)
      // The query is last, so that a sequence's position in the job is its candidate's index.
      let texts = candidates.appending(queryInput, truncated: truncated)
      let name = { @Sendable index in index < candidates.inputs.count ? "candidates[\(index)]" : "query" }
      engine.encode(texts, named: name, for: answer) { (embeddings) throws(Status) in
        let comparison = engine.model.blueprint.comparison
        let scores = comparison.scores(of: embeddings[embeddings.count - 1], with: embeddings.dropLast())
        if let bad = scores.firstIndex(where: { !$0.isFinite }) { throw .scoreNotFinite(name(bad)) }
        let ranking = Ranking(scores: scores)
        let results = ranking.best(request.topK == 0 ? candidates.inputs.count : Int(request.topK)).map { hit in
          RankedCandidate(
            index: hit.index, id: request.candidates[hit.index].id, score: hit.score,
            document: request.returnDocuments ? request.candidates[hit.index] : nil)
        }
        return RankResponse(
          requestID: request.requestID, model: engine.model.name, results: results,
          fingerprint: engine.model.fingerprint
        ).wire()
      }
    }
  }

  private func parse(_ message: ByteBuffer) throws(Status) -> RankRequest {
    try Status.reading { () throws(WireError) in try RankRequest(wire: message, maxDocuments: engine.maxDocuments) }
  }
}

extension RankRequest: TextsRequest {}
