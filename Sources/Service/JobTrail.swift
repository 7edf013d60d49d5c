import Batching
import GRPC
import NIOCore

/// Tells of a job who follows the request that it is of.
struct JobTrail: JobObserver {
  let request: any RequestTrail

  init(_ request: any RequestTrail) {
    self.request = request
  }

  func jobWasAdmitted(sequences: Int) { request.note(encodedTexts: sequences) }

  func jobBegan(at time: NIODeadline) { request.reached(.encoding, at: time) }
}
