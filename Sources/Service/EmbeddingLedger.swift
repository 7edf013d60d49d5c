import Batching
import Transformer

/// Tracks which requests wait for which embeddings: the part of the cache that runs under its lock.
struct EmbeddingLedger {
  typealias RequestID = UInt64
  typealias JobID = UInt64

  /// Passes a job to the encoder, which may answer after the ledger's lock is free again.
  typealias StartJob = (JobID, [EncoderInput], Flow) throws(EncodingFailure) -> CancelJob

  enum Opened {
    case known([[Float]])
    case waiting(RequestID)
  }

  struct Answer {
    let completion: BatchRunner.Completion
    let result: Result<[[Float]], EncodingFailure>
  }

  private struct Request {
    let keys: [EmbeddingKey]
    let flow: Flow
    var embeddings: [[Float]]
    /// The jobs that contain the missing sequences.
    var jobs: Set<JobID> = []
    let completion: BatchRunner.Completion
  }

  private struct Job {
    let keys: [EmbeddingKey]
    let cancel: CancelJob
    var requests: [RequestID: [Want]] = [:]
  }

  /// A position of a request that waits for a sequence of a job.
  private struct Want {
    let place: Int
    let sequence: Int
  }

  /// The source of an embedding that is being computed.
  private struct Seat {
    let job: JobID
    let sequence: Int
  }

  private var known: LeastRecentlyUsed<EmbeddingKey, [Float]>
  private var requests: [RequestID: Request] = [:]
  private var jobs: [JobID: Job] = [:]
  private var seats: [EmbeddingKey: Seat] = [:]
  private var lastID: UInt64 = 0
  private var hits = 0
  private var misses = 0

  init(maxBytes: Int) {
    known = LeastRecentlyUsed(maxBytes: maxBytes)
  }

  var statistics: CacheStatistics {
    CacheStatistics(hits: hits, misses: misses, entries: known.count, bytes: known.bytes, maxBytes: known.maxBytes)
  }

  /// Admits a request.
  /// - Throws: the error of `start`; then the request is not admitted.
  mutating func open(
    _ keys: [EmbeddingKey], of flow: Flow, completion: @escaping BatchRunner.Completion, start: StartJob
  ) throws(EncodingFailure) -> Opened {
    let empty = [[Float]](repeating: [], count: keys.count)
    var request = Request(keys: keys, flow: flow, embeddings: empty, completion: completion)
    let id = makeID()
    try fill(&request, places: keys.indices, id: id, start: start)
    guard !request.jobs.isEmpty else { return .known(request.embeddings) }
    requests[id] = request
    return .waiting(id)
  }

  /// Removes a request, and cancels the jobs for which no other request waits.
  mutating func abandon(_ id: RequestID) {
    guard let request = requests.removeValue(forKey: id) else { return }
    for jobID in request.jobs {
      jobs[jobID]?.requests[id] = nil
      guard let job = jobs[jobID], job.requests.isEmpty else { continue }
      remove(jobID, job)
      job.cancel()
    }
  }

  /// Takes the result of a job; does nothing if the job was cancelled in the meantime.
  /// - Returns: the requests that are complete.
  mutating func finish(
    _ id: JobID, _ result: Result<[[Float]], EncodingFailure>, start: StartJob
  ) -> [Answer] {
    guard let job = jobs[id] else { return [] }
    remove(id, job)
    switch result {
    case .success(let embeddings): return succeed(id, job, embeddings)
    case .failure(let failure): return fail(id, job, failure, start: start)
    }
  }

  private mutating func succeed(_ id: JobID, _ job: Job, _ embeddings: [[Float]]) -> [Answer] {
    for (key, embedding) in zip(job.keys, embeddings) { keep(embedding, for: key) }
    return job.requests.compactMap { requestID, wants in
      guard var request = requests[requestID] else { return nil }
      for want in wants { request.embeddings[want.place] = embeddings[want.sequence] }
      request.jobs.remove(id)
      return settle(requestID, request)
    }
  }

  /// Fails the requests that contain the faulty sequence. A failed job returns no embeddings, so the sequences for
  /// which other requests wait are encoded, and counted, again.
  private mutating func fail(_ id: JobID, _ job: Job, _ failure: EncodingFailure, start: StartJob) -> [Answer] {
    var answers: [Answer] = []
    var innocent: [RequestID] = []
    for (requestID, wants) in job.requests {
      if let own = Self.failure(failure, of: wants) {
        answers += refuse(requestID, own)
      } else {
        innocent.append(requestID)
      }
    }
    for requestID in innocent {
      guard var request = requests[requestID], let wants = job.requests[requestID] else { continue }
      request.jobs.remove(id)
      do throws(EncodingFailure) {
        try fill(&request, places: wants.map(\.place), id: requestID, start: start)
        if let answer = settle(requestID, request) { answers.append(answer) }
      } catch {
        answers += refuse(requestID, error)
      }
    }
    return answers
  }

  /// Answers a request if it waits for nothing more, and otherwise keeps it.
  private mutating func settle(_ id: RequestID, _ request: Request) -> Answer? {
    requests[id] = request.jobs.isEmpty ? nil : request
    guard request.jobs.isEmpty else { return nil }
    return Answer(completion: request.completion, result: .success(request.embeddings))
  }

  /// The meaning of a job's failure for a request with these sequences; nil if they are not at fault.
  private static func failure(_ failure: EncodingFailure, of wants: [Want]) -> EncodingFailure? {
    guard case .notFinite(let sequence) = failure else { return failure }
    return wants.first { $0.sequence == sequence }.map { .notFinite(sequence: $0.place) }
  }

  private mutating func refuse(_ id: RequestID, _ failure: EncodingFailure) -> [Answer] {
    guard let request = requests[id] else { return [] }
    abandon(id)
    return [Answer(completion: request.completion, result: .failure(failure))]
  }

  /// Fills positions of a request from the cache, from running jobs, or with a new job.
  private mutating func fill(
    _ request: inout Request, places: some Sequence<Int>, id: RequestID, start: StartJob
  ) throws(EncodingFailure) {
    var wants: [JobID: [Want]] = [:]
    var missing: [EmbeddingKey] = []
    var missingSeats: [EmbeddingKey: Seat] = [:]
    var foundCount = 0
    let nextJob = makeID()
    for place in places {
      let key = request.keys[place]
      if let embedding = known.value(for: key) {
        request.embeddings[place] = embedding
        foundCount += 1
      } else if let seat = seats[key] ?? missingSeats[key] {
        wants[seat.job, default: []].append(Want(place: place, sequence: seat.sequence))
        foundCount += 1
      } else {
        let seat = Seat(job: nextJob, sequence: missing.count)
        missing.append(key)
        missingSeats[key] = seat
        wants[nextJob, default: []].append(Want(place: place, sequence: seat.sequence))
      }
    }
    if !missing.isEmpty {
      jobs[nextJob] = Job(keys: missing, cancel: try start(nextJob, missing.map(\.input), request.flow))
      seats.merge(missingSeats) { seat, _ in seat }
    }
    for (job, wants) in wants {
      jobs[job]?.requests[id] = wants
      request.jobs.insert(job)
    }
    hits += foundCount
    misses += missing.count
  }

  private mutating func remove(_ id: JobID, _ job: Job) {
    jobs[id] = nil
    for key in job.keys { seats[key] = nil }
  }

  private mutating func keep(_ embedding: [Float], for key: EmbeddingKey) {
    let key = key.trimmed()
    let bytes = Self.bytes(of: key.input.tokens) + Self.bytes(of: embedding)
    known.insert(embedding, for: key, bytes: bytes)
  }

  /// The memory of an array: its elements, its header, and the allocator's overhead.
  private static func bytes<Element>(of array: [Element]) -> Int {
    array.capacity * MemoryLayout<Element>.stride + 48
  }

  private mutating func makeID() -> UInt64 {
    lastID += 1
    return lastID
  }
}
