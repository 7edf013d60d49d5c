import NIOCore

/// Compares the cost of a client's frames with what its calls justify.
///
/// A value without a clock: each event carries its time, and the result is the abuse, if there is any.
struct AbuseMonitor {
  /// The received frames that count.
  enum Received {
    /// The header block of a new stream.
    case request
    /// - Parameter isEmpty: whether the frame has no byte of content and does not end its stream.
    case data(isEmpty: Bool)
    case reset
    /// A ping or settings frame, including acknowledgements.
    case control
    case priority
    case windowUpdate
    /// A frame that breaks the protocol.
    case invalid
  }

  /// Frames sent to the client.
  enum Sent {
    case headers
    case data
    /// A reset, because the client broke the stream's protocol.
    case reset
    /// A refusal, because the client opened more streams than allowed.
    case refusal
  }

  /// Settings and pings: gRPC clients send a ping for each burst of data that they receive, to measure the bandwidth.
  private static let controlRate = Rate(burst: 200, perSecond: 2)
  private static let invalidRate = Rate(burst: 100, perSecond: 10)

  private var resets: TokenBucket
  private var invalidFrames: TokenBucket
  private var controlFrames: TokenBucket
  private var emptyData = EmptyDataRun()
  private var priorities = FrameAllowance.priorities
  private var windowUpdates = FrameAllowance.windowUpdates

  /// - Parameter resets: how often the client may cancel its own calls.
  init(resets: Rate, now: NIODeadline) {
    self.resets = TokenBucket(resets, now: now)
    invalidFrames = TokenBucket(Self.invalidRate, now: now)
    controlFrames = TokenBucket(Self.controlRate, now: now)
  }

  mutating func received(_ frame: Received, at now: NIODeadline) -> Abuse? {
    switch frame {
    case .request:
      priorities.streamOpened()
      windowUpdates.streamOpened()
      return nil
    case .data(let isEmpty): return emptyData.received(isEmpty: isEmpty) ? nil : .emptyData
    case .reset: return resets.take(at: now) ? nil : .rapidReset
    case .control: return controlFrames.take(at: now) ? nil : .controlFrames
    case .priority: return priorities.received() ? nil : .priorities
    case .windowUpdate: return windowUpdates.received() ? nil : .windowUpdates
    case .invalid: return invalidFrames.take(at: now) ? nil : .invalidFrames
    }
  }

  mutating func sent(_ frame: Sent, at now: NIODeadline) -> Abuse? {
    switch frame {
    case .headers:
      controlFrames.earn()
      return nil
    case .data:
      controlFrames.earn()
      windowUpdates.dataSent()
      return nil
    case .reset: return invalidFrames.take(at: now) ? nil : .invalidFrames
    case .refusal: return resets.take(at: now) ? nil : .rapidReset
    }
  }
}
