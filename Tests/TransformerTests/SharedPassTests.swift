import Dispatch
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Transformer

/// A pass that threads share: each item runs once, phase after phase, regardless of when threads join.
@Suite struct SharedPassTests {
  /// The items that ran, and whether each ran when it was allowed to.
  private final class Journal: Sendable {
    private struct State {
      var begun: [[Int]]
      var ended: [[Int]]
      var faults: [String] = []
    }

    private let state: Mutex<State>

    /// - Parameter items: the number of items of each phase.
    init(items: [Int]) {
      let none = items.map { [Int](repeating: 0, count: $0) }
      state = Mutex(State(begun: none, ended: none))
    }

    func begin(phase: Int, item: Int) {
      state.withLock { state in
        state.begun[phase][item] += 1
        if state.begun[phase][item] > 1 { state.faults.append("item \(item) of phase \(phase) ran again") }
        if !state.ended[..<phase].joined().allSatisfy({ $0 == 1 }) {
          state.faults.append("item \(item) of phase \(phase) began before the phases in front of it were over")
        }
      }
    }

    func end(phase: Int, item: Int) {
      state.withLock { $0.ended[phase][item] += 1 }
    }

    /// Checks the record of a finished pass.
    func expectWhole(sourceLocation: SourceLocation = #_sourceLocation) {
      let (isWhole, faults) = state.withLock { state in
        (state.ended.joined().allSatisfy { $0 == 1 } && state.begun == state.ended, state.faults)
      }
      #expect(isWhole, "an item did not run just once", sourceLocation: sourceLocation)
      #expect(faults.isEmpty, sourceLocation: sourceLocation)
    }
  }

  private static func work(_ steps: Int) {
    var generator = SeededGenerator(seed: UInt64(steps))
    for _ in 0..<steps { _ = generator.next() }
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func eachItemRunsOnceWhoeverHelps(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let items = (0..<Int.random(in: 1...12, using: &generator)).map { _ in Int.random(in: 0...30, using: &generator) }
    let steps = (0..<30).map { _ in Int.random(in: 0...3_000, using: &generator) }
    let journal = Journal(items: items)
    let pass = SharedPass(items: items) { phase, item, _ in
      journal.begin(phase: phase, item: item)
      Self.work(steps[item])
      journal.end(phase: phase, item: item)
    }
    let helpers = DispatchGroup()
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      let delay = Int.random(in: 0...100_000, using: &generator)
      helpers.enter()
      Thread.detachNewThread {
        Self.work(delay)
        pass.help(Scratch())
        helpers.leave()
      }
    }
    Self.work(Int.random(in: 0...100_000, using: &generator))
    pass.lead(StripScratch())
    // When the leader returns, no item runs any more, although helpers may not have left.
    journal.expectWhole()
    helpers.wait()
    journal.expectWhole()
  }

  @Test func aHelperMayBeginBeforeTheLeader() {
    let items = 5
    let journal = Journal(items: [Int](repeating: items, count: 3))
    let hasBegun = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    let isHeld = Atomic(false)
    let pass = SharedPass(items: [Int](repeating: items, count: 3)) { phase, item, _ in
      journal.begin(phase: phase, item: item)
      if phase == 0, item == 0, !isHeld.exchange(true, ordering: .relaxed) {
        hasBegun.signal()
        mayEnd.wait()
      }
      if phase == 0, item == items - 1 { mayEnd.signal() }
      journal.end(phase: phase, item: item)
    }
    let helper = DispatchGroup()
    helper.enter()
    Thread.detachNewThread {
      pass.help(Scratch())
      helper.leave()
    }
    hasBegun.wait()
    pass.lead(StripScratch())
    journal.expectWhole()
    helper.wait()
  }

  @Test func aHelperThatComesWhenThePassIsOverLeavesAtOnce() {
    let journal = Journal(items: [3, 3])
    let pass = SharedPass(items: [3, 3]) { phase, item, _ in
      journal.begin(phase: phase, item: item)
      journal.end(phase: phase, item: item)
    }
    pass.lead(StripScratch())
    for _ in 0..<100 { pass.help(Scratch()) }
    journal.expectWhole()
  }

  @Test func aPassWithoutPhasesIsOver() {
    let pass = SharedPass(items: []) { _, _, _ in Issue.record("an item ran") }
    pass.help(Scratch())
    pass.lead(StripScratch())
    pass.help(Scratch())
  }
}
