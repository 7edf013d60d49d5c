import Batching
import Synchronization
import Transformer

/// Queues sequences to be embedded, as ``BatchRunner`` does it.
typealias SubmitJob =
  @Sendable ([EncoderInput], Flow, (any JobObserver)?, @escaping BatchRunner.Completion) throws(EncodingFailure) ->
  CancelJob

/// Says that nobody waits for a job any more.
typealias CancelJob = @Sendable () -> Void

/// Stands in front of an encoder, so that it reads each text once: what is known is answered at once, what is under way
/// for another request is waited for, and the rest becomes one job.
///
/// A job runs as long as one request waits for it, whichever asked first. Only what a job must encode takes room in the
/// encoder's queue.
final class EmbeddingCache: Sendable {
  private let encode: SubmitJob
  private let state: Mutex<EmbeddingLedger>

  init(maxBytes: Int, encode: @escaping SubmitJob) {
    self.encode = encode
    state = Mutex(EmbeddingLedger(maxBytes: maxBytes))
  }

  var statistics: CacheStatistics { state.withLock(\.statistics) }

  /// Embeds sequences; the same ones get the same bits.
  /// - Parameters:
  ///   - flow: in whose line waits what is new.
  ///   - observer: is told of the job that has what is new, if there is one.
  ///   - completion: called once, unless this throws or the request is cancelled: before this returns where everything
  ///     is known, else on the encoder's thread.
  func submit(
    _ inputs: [EncoderInput], of flow: Flow, observer: (any JobObserver)? = nil,
    completion: @escaping BatchRunner.Completion
  ) throws(EncodingFailure) -> CancelJob {
    let keys = inputs.map(EmbeddingKey.init)
    let opened = try state.withLock { ledger throws(EncodingFailure) in
      try ledger.open(keys, of: flow, completion: completion) { job, inputs, flow throws(EncodingFailure) in
        try start(job, inputs, flow, observer)
      }
    }
    switch opened {
    case .known(let embeddings):
      completion(.success(embeddings))
      return {}
    case .waiting(let request):
      return { [self] in state.withLock { $0.abandon(request) } }
    }
  }

  private func start(
    _ job: EmbeddingLedger.JobID, _ inputs: [EncoderInput], _ flow: Flow, _ observer: (any JobObserver)?
  ) throws(EncodingFailure) -> CancelJob {
    try encode(inputs, flow, observer) { [self] result in
      let answers = state.withLock { ledger in
        ledger.finish(job, result) { job, inputs, flow throws(EncodingFailure) in try start(job, inputs, flow, nil) }
      }
      for answer in answers { answer.completion(answer.result) }
    }
  }
}
