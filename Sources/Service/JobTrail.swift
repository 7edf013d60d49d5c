import Batching
import GRPC
import NIOCore

/// Reports a job's stages to the trail of its request.
struct JobTrail: JobObserver {
  let request: any RequestTrail

  init(_ request: any RequestTrail) {
    self.request = request
  }

  func jobWasAdmitted(sequences: Int) { request.note(encodedTexts: sequences) }

  func jobBegan(at time: NIODeadline) { request.reached(.encoding, at: time) }
}
