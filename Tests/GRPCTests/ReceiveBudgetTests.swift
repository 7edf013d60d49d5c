import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import GRPC

/// Bytes of unfinished messages in the whole server.
@Suite struct ReceiveBudgetTests {
  /// A question to the budget and, once there is one, its answer.
  private final class Request {
    let bytes: Int
    private(set) var grant: ReceiveBudget.Grant?

    init(_ bytes: Int, of budget: ReceiveBudget, on loop: EmbeddedEventLoop) {
      self.bytes = bytes
      budget.grant(bytes, on: loop).assumeIsolated().whenSuccess { self.grant = $0 }
    }

    var isGranted: Bool { grant != nil }

    /// Gives back by dropping the last reference.
    func drop() { grant = nil }
  }

  private let loop = EmbeddedEventLoop()

  @Test func grantsAreInTheOrderOfAsking() {
    let budget = ReceiveBudget(bytes: 100)
    let first = Request(80, of: budget, on: loop)
    let large = Request(90, of: budget, on: loop)
    let small = Request(10, of: budget, on: loop)
    #expect(first.isGranted && !large.isGranted)
    #expect(!small.isGranted, "a small message does not overtake a large one")
    first.grant?.release()
    #expect(large.isGranted && small.isGranted)
    #expect(budget.freeBytes == 0)
  }

  @Test func aGrantIsGivenBackOnce() {
    let budget = ReceiveBudget(bytes: 100)
    let request = Request(60, of: budget, on: loop)
    #expect(budget.freeBytes == 40)
    request.grant?.release()
    request.grant?.release()
    #expect(budget.freeBytes == 100)
    request.drop()
    #expect(budget.freeBytes == 100)
  }

  @Test func aGrantThatIsForgottenIsGivenBack() {
    let budget = ReceiveBudget(bytes: 100)
    let request = Request(60, of: budget, on: loop)
    #expect(request.isGranted)
    request.drop()
    #expect(budget.freeBytes == 100)
  }

  @Test func anEmptyMessageIsGrantedInItsTurn() {
    let budget = ReceiveBudget(bytes: 10)
    let first = Request(10, of: budget, on: loop)
    let empty = Request(0, of: budget, on: loop)
    #expect(empty.isGranted)
    first.drop()
    #expect(budget.freeBytes == 10)
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func neverGrantsMoreThanItHasNorOutOfOrder(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let total = 1_000
    let budget = ReceiveBudget(bytes: total)
    var open: [Request] = []
    for _ in 0..<1_000 {
      if generator.happens(0.55) {
        open.append(Request(Int.random(in: 0...total, using: &generator), of: budget, on: loop))
      } else if let index = open.indices.filter({ open[$0].isGranted }).randomElement(using: &generator) {
        let request = open.remove(at: index)
        if generator.happens(0.5) { request.grant?.release() } else { request.drop() }
      }
      let granted = open.filter(\.isGranted).reduce(0) { $0 + $1.bytes }
      #expect(granted <= total)
      #expect(budget.freeBytes == total - granted)
      if let firstWaiter = open.first(where: { !$0.isGranted && $0.bytes > 0 }) {
        #expect(firstWaiter.bytes > budget.freeBytes, "the next in line waits only for want of bytes")
      }
    }
    while let index = open.firstIndex(where: \.isGranted) { open.remove(at: index).drop() }
    #expect(open.isEmpty, "everyone is served in the end")
    #expect(budget.freeBytes == total)
  }
}
