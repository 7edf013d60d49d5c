import TestSupport
import Testing

@testable import HTTP2

/// A value in a box, because expectations cannot change a captured value.
private final class Box {
  private var turns = Turns()

  func mayBegin(_ stream: Int32, isBackedUp: Bool) -> Bool { turns.mayBegin(stream, isBackedUp: isBackedUp) }
  func next(isBackedUp: Bool) -> Int32? { turns.next(isBackedUp: isBackedUp) }
  func end(_ stream: Int32) { turns.end(stream) }
  func close(_ stream: Int32) { turns.close(stream) }
}

/// Which streams may start new work while the client has much to read.
@Suite struct TurnsTests {
  @Test func allStreamsStartWithoutWaiters() {
    let turns = Box()
    #expect([1, 3, 5, 1].allSatisfy { turns.mayBegin($0, isBackedUp: false) })
    #expect(turns.next(isBackedUp: false) == nil)
  }

  @Test func streamsTakeTurnsInOrderOfArrival() {
    let turns = Box()
    for stream: Int32 in [5, 1, 3] { #expect(!turns.mayBegin(stream, isBackedUp: true)) }
    #expect(turns.next(isBackedUp: true) == nil)
    #expect(turns.next(isBackedUp: false) == 5)
    #expect(turns.next(isBackedUp: false) == nil, "a turn is one stream's")
    #expect(!turns.mayBegin(1, isBackedUp: false))
    #expect(turns.mayBegin(5, isBackedUp: false))
    #expect(!turns.mayBegin(5, isBackedUp: false), "one piece of work a turn")
    turns.end(5)
    #expect(turns.next(isBackedUp: true) == nil)
    #expect(turns.next(isBackedUp: false) == 1)
    turns.end(1)
    #expect(turns.next(isBackedUp: false) == 3)
    #expect(turns.mayBegin(3, isBackedUp: false))
    turns.end(3)
    #expect(turns.next(isBackedUp: false) == 5, "it has asked again")
    turns.end(5)
    #expect(turns.mayBegin(7, isBackedUp: false), "nobody waits any more")
  }

  @Test func aLaterStreamWaitsBehindTheOthers() {
    let turns = Box()
    #expect(!turns.mayBegin(1, isBackedUp: true))
    #expect(!turns.mayBegin(3, isBackedUp: false))
    #expect(turns.next(isBackedUp: false) == 1)
    #expect(!turns.mayBegin(5, isBackedUp: false))
    turns.end(1)
    #expect(turns.next(isBackedUp: false) == 3)
  }

  @Test func aStreamThatEndsLosesItsTurnAndItsPlace() {
    let turns = Box()
    for stream: Int32 in [1, 3, 5] { #expect(!turns.mayBegin(stream, isBackedUp: true)) }
    #expect(turns.next(isBackedUp: false) == 1)
    turns.close(3)
    turns.close(1)
    #expect(turns.next(isBackedUp: false) == 5)
  }

  /// In any order of events, no two have a turn at once, and all that ask are served in the end.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func everyWaiterIsServedOnce(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let turns = Box()
    var open = Set((0..<40).map { Int32(2 * $0 + 1) })
    var holder: Int32?
    for stream in open { _ = turns.mayBegin(stream, isBackedUp: true) }
    for _ in 0..<10_000 where !open.isEmpty {
      if let stream = turns.next(isBackedUp: generator.happens(0.3)) {
        #expect(holder == nil)
        #expect(open.contains(stream))
        holder = stream
      }
      if generator.happens(0.1), let stream = open.randomElement(using: &generator) {
        turns.close(stream)
        open.remove(stream)
        if holder == stream { holder = nil }
      }
      if let stream = holder, generator.happens(0.5) {
        if generator.happens(0.8) { #expect(turns.mayBegin(stream, isBackedUp: generator.happens(0.5))) }
        turns.end(stream)
        open.remove(stream)
        holder = nil
      }
    }
    #expect(open.isEmpty)
  }
}
