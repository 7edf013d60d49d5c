import Dispatch

/// A sequence of the process's signals, delivered instead of their default actions.
///
/// After creation, only the sources' queue uses them.
final class SignalSequence: @unchecked Sendable {
  /// The signals, for a single task.
  let received: AsyncStream<Int32>
  private let sources: [any DispatchSourceSignal]

  /// Returns when the default actions of all signals are replaced.
  init(_ numbers: [Int32]) async {
    let queue = DispatchQueue(label: "scimult.signals")
    let (received, continuation) = AsyncStream.makeStream(of: Int32.self)
    self.received = received
    sources = numbers.map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { continuation.yield(number) }
      return source
    }
    for source in sources {
      await withCheckedContinuation { registered in
        source.setRegistrationHandler { registered.resume() }
        source.resume()
      }
    }
  }

  deinit {
    for source in sources { source.cancel() }
  }
}
