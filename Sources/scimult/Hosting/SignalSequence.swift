import Dispatch

/// Signals of the process as they come, instead of what they do by default.
///
/// The sources are used by their queue alone, once they are made.
final class SignalSequence: @unchecked Sendable {
  /// For one task.
  let received: AsyncStream<Int32>
  private let sources: [any DispatchSourceSignal]

  /// Returns when none of the signals does any more what it does by default.
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
