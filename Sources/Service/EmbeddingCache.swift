import Batching
import Synchronization
import Transformer

/// Queues sequences to be embedded, as ``BatchRunner`` does.
typealias SubmitJob =
  @Sendable ([EncoderInput], Flow, (any JobObserver)?, @escaping BatchRunner.Completion) throws(EncodingFailure) ->
  CancelJob

/// Reports that nothing waits for a job any more.
typealias CancelJob = @Sendable () -> Void

/// A cache in front of an encoder, so that the encoder reads each text once. A cached text is answered at once. For a
/// text that is being encoded for another request, the request waits. The other texts become one job.
///
/// A job runs as long as any request waits for it, not only the first one. Only texts that must be encoded take room in
/// the encoder's queue.
final class EmbeddingCache: Sendable {
  private let encode: SubmitJob
  private let state: Mutex<EmbeddingLedger>

  init(maxBytes: Int, encode: @escaping SubmitJob) {
    self.encode = encode
    state = Mutex(EmbeddingLedger(maxBytes: maxBytes))
  }

  var statistics: CacheStatistics { state.withLock(\.statistics) }

  /// Embeds sequences; equal sequences get the same bits.
  /// - Parameters:
  ///   - flow: the flow in which new sequences wait.
  ///   - observer: observes the job with the new sequences, if there is one.
  ///   - completion: called once, unless this function throws or the request is cancelled: before this function returns
  ///     if everything is cached, otherwise on the encoder's thread.
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
