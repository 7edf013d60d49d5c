import Dispatch
import Logging
import Synchronization

/// Writes lines of a log on a thread of its own, in their order, so that a slow reader of the log holds no event loop.
/// Lines that it cannot hold are dropped; how many is said as soon as there is room.
public final class LogWriter: Sendable {
  private let logger: Logger
  private let capacity: Int
  private let queue = DispatchQueue(label: "scimult.log")
  private let waiting = Atomic<Int>(0)
  private let dropped = Atomic<Int>(0)

  /// - Parameters:
  ///   - logger: gets the lines, at the level info.
  ///   - capacity: lines that may wait.
  public init(_ logger: Logger, capacity: Int = 2_000) {
    self.logger = logger
    self.capacity = capacity
  }

  func write(_ message: Logger.Message, _ metadata: @escaping @Sendable () -> Logger.Metadata) {
    guard waiting.add(1, ordering: .relaxed).newValue <= capacity else {
      waiting.subtract(1, ordering: .relaxed)
      dropped.add(1, ordering: .relaxed)
      return
    }
    queue.async { [self] in
      logger.info(message, metadata: metadata())
      waiting.subtract(1, ordering: .relaxed)
      let lost = dropped.exchange(0, ordering: .relaxed)
      if lost > 0 { logger.warning("lines were dropped: the log is read too slowly", metadata: ["lines": "\(lost)"]) }
    }
  }

  /// Returns when all lines are written that were given before.
  public func flush() async {
    await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
  }
}
