import NIOCore
import Testing

@testable import HTTP2

/// Limits of the cost of a client's frames.
@Suite struct AbuseMonitorTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

  private static func at(_ seconds: Double) -> NIODeadline { start + .nanoseconds(Int64(seconds * 1e9)) }

  private static func monitor(resets: Rate = Rate(burst: 1_000, perSecond: 33)) -> AbuseMonitor {
    AbuseMonitor(resets: resets, now: start)
  }

  /// The number of frames of a kind that are allowed at once.
  private static func count(
    _ frame: AbuseMonitor.Received, _ monitor: inout AbuseMonitor, at now: NIODeadline = start, limit: Int = 100_000
  ) -> Int {
    for count in 0..<limit where monitor.received(frame, at: now) != nil { return count }
    return limit
  }

  @Test func aBucketHoldsABurstAndFillsWithTime() {
    var bucket = TokenBucket(Rate(burst: 3, perSecond: 2), now: Self.start)
    #expect(Self.takes(4, from: &bucket, at: 0) == 3)
    #expect(Self.takes(1, from: &bucket, at: 0.4) == 0)
    #expect(Self.takes(2, from: &bucket, at: 0.5) == 1)
    #expect(Self.takes(4, from: &bucket, at: 1_000) == 3, "no more than the burst")
  }

  @Test func aBucketMindsNoClockThatGoesBack() {
    var bucket = TokenBucket(Rate(burst: 1, perSecond: 1), now: Self.start)
    #expect(Self.takes(1, from: &bucket, at: 0) == 1)
    #expect(Self.takes(1, from: &bucket, at: -0.5) == 0)
    #expect(Self.takes(1, from: &bucket, at: 1) == 1)
  }

  /// The number of attempts that a bucket grants.
  private static func takes(_ attempts: Int, from bucket: inout TokenBucket, at seconds: Double) -> Int {
    var granted = 0
    for _ in 0..<attempts where bucket.take(at: at(seconds)) { granted += 1 }
    return granted
  }

  @Test func resetsBeyondTheBurstAreAbuse() {
    var monitor = Self.monitor(resets: Rate(burst: 10, perSecond: 5))
    #expect(Self.count(.reset, &monitor) == 10)
    #expect(monitor.received(.reset, at: Self.start) == .rapidReset)
    #expect(Self.count(.reset, &monitor, at: Self.at(1)) == 5)
  }

  @Test func aClientThatCancelsThirtyCallsASecondGoesOnForEver() {
    var monitor = Self.monitor()
    for cancel in 0..<300_000 {
      #expect(monitor.received(.reset, at: Self.at(Double(cancel) / 30)) == nil)
    }
  }

  @Test func refusedStreamsCountAsResets() {
    var monitor = Self.monitor(resets: Rate(burst: 10, perSecond: 0))
    for _ in 0..<10 { #expect(monitor.sent(.refusal, at: Self.start) == nil) }
    #expect(monitor.sent(.refusal, at: Self.start) == .rapidReset)
  }

  @Test func framesThatAreInvalidAndResetsThatTheyCauseShareABucket() {
    var monitor = Self.monitor()
    for _ in 0..<50 {
      #expect(monitor.received(.invalid, at: Self.start) == nil)
      #expect(monitor.sent(.reset, at: Self.start) == nil)
    }
    #expect(monitor.received(.invalid, at: Self.start) == .invalidFrames)
    #expect(Self.count(.invalid, &monitor, at: Self.at(1)) == 10)
  }

  @Test func pingsAreEarnedByWhatTheClientIsSent() {
    var monitor = Self.monitor()
    let burst = Self.count(.control, &monitor)
    #expect(burst == 200)
    for _ in 0..<100_000 {
      #expect(monitor.sent(.data, at: Self.start) == nil)
      #expect(monitor.received(.control, at: Self.start) == nil)
    }
    #expect(monitor.sent(.headers, at: Self.start) == nil)
    #expect(Self.count(.control, &monitor) == 1)
  }

  @Test func pingsThatAreNotUsedAreNotSavedUp() {
    var monitor = Self.monitor()
    for _ in 0..<1_000 { _ = monitor.sent(.data, at: Self.start) }
    #expect(Self.count(.control, &monitor) == 200)
  }

  @Test func emptyDataIsAbuseInARow() {
    var monitor = Self.monitor()
    for _ in 0..<1_000 {
      #expect(Self.count(.data(isEmpty: true), &monitor, limit: 16) == 16)
      #expect(monitor.received(.data(isEmpty: false), at: Self.start) == nil)
    }
    #expect(Self.count(.data(isEmpty: true), &monitor) == 16)
    #expect(monitor.received(.data(isEmpty: true), at: Self.start) == .emptyData)
  }

  @Test func prioritiesAreAllowedByTheStream() {
    var monitor = Self.monitor()
    for _ in 0..<3 { _ = monitor.received(.request, at: Self.start) }
    #expect(Self.count(.priority, &monitor) == 100 * (1 + 3))
    #expect(monitor.received(.priority, at: Self.at(1_000)) == .priorities, "time earns none")
  }

  @Test func windowUpdatesAreAllowedByTheStreamAndByWhatIsSent() {
    var monitor = Self.monitor()
    for _ in 0..<3 { _ = monitor.received(.request, at: Self.start) }
    for _ in 0..<7 { _ = monitor.sent(.data, at: Self.start) }
    #expect(Self.count(.windowUpdate, &monitor) == 5 + 2 * (3 + 10 * 7))
    #expect(monitor.received(.windowUpdate, at: Self.at(1_000)) == .windowUpdates, "time earns none")
  }
}
