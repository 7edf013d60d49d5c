import Batching
import Synchronization
import Transformer

@testable import Service

/// An encoder that answers when the test tells it to.
final class HeldEncoder: Sendable {
  struct Job: Sendable {
    let inputs: [EncoderInput]
    let completion: BatchRunner.Completion
    var isCancelled = false
  }

  private let state = Mutex<(jobs: [Job], refusal: EncodingFailure?)>(([], nil))

  var jobs: [Job] { state.withLock(\.jobs) }

  /// The token sequences of each job, represented by their first tokens.
  var firstTokens: [[Int32]] { jobs.map { $0.inputs.map { $0.tokens[0] } } }

  /// Refuses later jobs with this failure.
  func refuse(_ failure: EncodingFailure?) {
    state.withLock { $0.refusal = failure }
  }

  func submit(
    _ inputs: [EncoderInput], of flow: Flow, observer: (any JobObserver)?, completion: @escaping BatchRunner.Completion
  ) throws(EncodingFailure) -> CancelJob {
    let place = try state.withLock { state throws(EncodingFailure) in
      if let refusal = state.refusal { throw refusal }
      state.jobs.append(Job(inputs: inputs, completion: completion))
      return state.jobs.count - 1
    }
    return { [self] in state.withLock { $0.jobs[place].isCancelled = true } }
  }

  /// Answers a job, with numbers that are unique to the job.
  func finish(_ place: Int) {
    let job = jobs[place]
    job.completion(.success(job.inputs.map { [Float($0.tokens[0]), Float(place)] }))
  }

  func fail(_ place: Int, _ failure: EncodingFailure) {
    jobs[place].completion(.failure(failure))
  }
}
