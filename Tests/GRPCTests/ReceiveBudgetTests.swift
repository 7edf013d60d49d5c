import Synchronization
import TestSupport
import Testing

@testable import GRPC

/// The budget for bytes of unfinished messages in the whole server.
@Suite struct ReceiveBudgetTests {
  /// A message that counts how often it was allowed to continue.
  private final class Message: Sendable {
    let share: ReceiveBudget.Share
    private let resumed = Atomic(0)

    init(_ bytes: Int, of budget: ReceiveBudget) {
      share = budget.share()
      share.received(bytes)
    }

    var mayGoOn: Bool { share.mayReceiveMore { [self] in resumed.wrappingAdd(1, ordering: .relaxed) } }
    var timesResumed: Int { resumed.load(ordering: .relaxed) }
  }

  @Test func windowsStayOpenWithinTheBudget() {
    let budget = ReceiveBudget(bytes: 100)
    let first = Message(60, of: budget)
    let second = Message(40, of: budget)
    #expect(first.mayGoOn && second.mayGoOn)
    #expect(budget.usedBytes == 100)
  }

  @Test func beyondTheBudgetOnlyTheOldestGoesOn() {
    let budget = ReceiveBudget(bytes: 100)
    let first = Message(60, of: budget)
    let second = Message(60, of: budget)
    let third = Message(10, of: budget)
    #expect(first.mayGoOn)
    #expect(!second.mayGoOn && !third.mayGoOn)
    first.share.isComplete(bytes: 60)
    #expect(second.timesResumed == 1, "the next oldest is let on")
    #expect(third.timesResumed == 0)
    first.share.release()
    #expect(third.timesResumed == 1, "there is room again")
    #expect(budget.usedBytes == 70)
  }

  @Test func aCompleteMessageKeepsWhatItTook() {
    let budget = ReceiveBudget(bytes: 100)
    let message = Message(60, of: budget)
    message.share.isComplete(bytes: 25)
    #expect(budget.usedBytes == 25)
    message.share.release()
    #expect(budget.usedBytes == 0)
  }

  @Test func bytesAreGivenBackOnce() {
    let budget = ReceiveBudget(bytes: 100)
    let message = Message(60, of: budget)
    message.share.release()
    message.share.release()
    #expect(budget.usedBytes == 0)
    message.share.received(10)
    #expect(budget.usedBytes == 0, "what is released counts no more")
  }

  @Test func aMessageThatIsForgottenIsGivenBack() {
    let budget = ReceiveBudget(bytes: 100)
    do { _ = Message(60, of: budget) }
    #expect(budget.usedBytes == 0)
  }

  @Test func releasedWaitersAreNotResumed() {
    let budget = ReceiveBudget(bytes: 10)
    let first = Message(20, of: budget)
    let second = Message(20, of: budget)
    #expect(!second.mayGoOn)
    second.share.release()
    first.share.release()
    #expect(second.timesResumed == 0)
  }

  /// Many waiters that end at once, each holding the next: freeing them must not recurse.
  @Test func manyAbandonedWaitersAreFreedOneByOne() {
    let budget = ReceiveBudget(bytes: 10)
    let first = Message(20, of: budget)
    for _ in 0..<50_000 {
      let waiter = Message(1, of: budget)
      #expect(!waiter.mayGoOn)
      waiter.share.release()
    }
    first.share.release()
    #expect(budget.usedBytes == 0)
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func oneMessageCanAlwaysContinue(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let limit = 1_000
    let budget = ReceiveBudget(bytes: limit)
    var open: [Message] = []
    for _ in 0..<1_000 {
      if open.isEmpty || generator.happens(0.5) {
        open.append(Message(Int.random(in: 0...300, using: &generator), of: budget))
      } else {
        let index = open.indices.randomElement(using: &generator)!
        if generator.happens(0.3) { open[index].share.isComplete(bytes: Int.random(in: 0...300, using: &generator)) }
        open.remove(at: index).share.release()
      }
      if budget.usedBytes > limit, let oldest = open.first { #expect(oldest.mayGoOn) }
    }
    for message in open { message.share.release() }
    #expect(budget.usedBytes == 0)
  }
}
