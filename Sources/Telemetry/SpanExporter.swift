import Logging
import Messages
import NIOCore
import Synchronization

/// The numbers of spans, by what happened to them.
public struct SpanStatistics: Sendable, Equatable {
  public var exported = 0
  /// Lost, because the queue was full or the receiver did not accept them.
  public var dropped = 0

  public init(exported: Int = 0, dropped: Int = 0) {
    self.exported = exported
    self.dropped = dropped
  }
}

/// Collects spans and posts them in batches. No request waits for the exporter: it drops spans that do not fit.
///
/// A batch that the receiver temporarily cannot accept goes back to the queue, and is sent again after a pause.
public final class SpanExporter: Sendable {
  private struct State {
    var queue: SpanQueue
    var exported = 0
    /// Whether the last post failed.
    var isFailing = false
    /// No post begins before this time.
    var resumption = ContinuousClock.now
    var isFinishing = false
  }

  private let settings: OTLPSettings
  private let group: any EventLoopGroup
  private let logger: Logger
  private let state: Mutex<State>
  private let wakeUps: AsyncStream<Void>
  private let wakeUp: AsyncStream<Void>.Continuation

  /// - Parameter group: the event loops for posts.
  public init(settings: OTLPSettings, group: any EventLoopGroup, logger: Logger) {
    self.settings = settings
    self.group = group
    self.logger = logger
    state = Mutex(State(queue: SpanQueue(capacity: settings.queueCapacity, batchSize: settings.batchSize)))
    (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  public var statistics: SpanStatistics {
    state.withLock { SpanStatistics(exported: $0.exported, dropped: $0.queue.dropped) }
  }

  /// Adds a span that has ended.
  @Sendable public func add(_ span: SpanRecord) {
    if state.withLock({ $0.queue.add(span) }) { wakeUp.yield() }
  }

  /// Exports spans until ``finish()``, and then the remaining ones. If the task is cancelled, it drops the remaining
  /// ones.
  public func run() async {
    let connection = ReceiverConnection(settings.receiver, group: group)
    let post = SpanPost(settings: settings, connection: connection)
    await withTaskGroup(of: Void.self) { tasks in
      let (wakeUp, delay) = (wakeUp, settings.delay)
      tasks.addTask { while (try? await Task.sleep(for: delay)) != nil { wakeUp.yield() } }
      for await _ in wakeUps { await exportAll(post) }
      tasks.cancelAll()
    }
    await exportAll(post)
    dropRest()
    await connection.close()
  }

  /// Makes ``run()`` end.
  public func finish() {
    state.withLock { $0.isFinishing = true }
    wakeUp.finish()
  }

  private func exportAll(_ post: SpanPost) async {
    while !Task.isCancelled, let batch = nextBatch() {
      let outcome = await post.send(batch)
      let change = state.withLock { Self.settle(batch, outcome, pause: settings.delay, &$0) }
      if let change { logger.log(level: change.level, "\(change.text)") }
    }
  }

  private func nextBatch() -> [SpanRecord]? {
    state.withLock { state in
      guard state.isFinishing || state.resumption <= .now else { return nil }
      let batch = state.queue.takeBatch()
      return batch.isEmpty ? nil : batch
    }
  }

  /// - Parameter pause: the pause after a failure, unless the receiver asks for another.
  /// - Returns: a message for the operator, when the receiver begins to fail and when it accepts spans again.
  private static func settle(
    _ batch: [SpanRecord], _ outcome: SpanPost.Outcome, pause: Duration, _ state: inout State
  ) -> (level: Logger.Level, text: String)? {
    let wasFailing = state.isFailing
    switch outcome {
    case .done(let rejected):
      let rejected = min(max(rejected, 0), batch.count)
      state.exported += batch.count - rejected
      state.queue.drop(rejected)
      state.isFailing = false
      return wasFailing ? (.info, "spans are exported again") : nil
    case .retry(let reason, let asked):
      if state.isFinishing {
        state.queue.drop(batch.count)
      } else {
        state.queue.putBack(batch)
        state.resumption = .now + (asked ?? pause)
      }
      state.isFailing = true
      return wasFailing ? nil : (.warning, "spans cannot be exported: \(reason)")
    case .refused(let reason):
      state.queue.drop(batch.count)
      state.isFailing = true
      return wasFailing ? nil : (.warning, "spans are refused: \(reason)")
    }
  }

  private func dropRest() {
    let lost = state.withLock { $0.queue.dropAll() }
    if lost > 0 { logger.warning("spans were not exported before the stop", metadata: ["spans": "\(lost)"]) }
  }
}
