import NIOCore
import Testing

@testable import GRPC

/// The minimum speed of a message.
@Suite struct MessageProgressTests {
  private var progress = MessageProgress()

  private mutating func isAlive(received: Int, isAwaited: Bool = true, at seconds: Int64) -> Bool {
    progress.isAlive(
      received: received, isAwaited: isAwaited, limit: .seconds(30), at: .uptimeNanoseconds(0) + .seconds(seconds))
  }

  @Test mutating func aMessageThatStopsIsGivenUp() {
    #expect(isAlive(received: 100, at: 0))
    #expect(isAlive(received: 100, at: 29))
    #expect(!isAlive(received: 100, at: 30))
  }

  @Test mutating func singleBytesAreNotProgress() {
    #expect(isAlive(received: 0, at: 0))
    for second in 1..<30 { #expect(isAlive(received: second, at: Int64(second))) }
    #expect(!isAlive(received: 30, at: 30))
  }

  @Test mutating func aKilobyteInTimeIsProgress() {
    for step in 0..<1_000 { #expect(isAlive(received: step * 1_024, at: Int64(step) * 29)) }
  }

  @Test mutating func whileTheServerHoldsTheClientBackNoTimePasses() {
    #expect(isAlive(received: 100, at: 0))
    #expect(isAlive(received: 100, isAwaited: false, at: 29))
    #expect(isAlive(received: 100, at: 1_000))
    #expect(isAlive(received: 100, at: 1_029))
    #expect(!isAlive(received: 100, at: 1_030))
  }
}
