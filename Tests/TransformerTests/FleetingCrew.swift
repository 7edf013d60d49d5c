import Dispatch
import Foundation
import Synchronization
import TestSupport

@testable import Transformer

/// Threads that join each pass at random times and in random numbers, and that announce other numbers beforehand.
final class FleetingCrew: PassCrew {
  private let generator: Mutex<SeededGenerator>
  private let helpersMax: Int
  private let helpers = DispatchGroup()
  private let passes = Atomic(0)
  private let pauses = Atomic<Int>(0)

  init(helpersMax: Int, seed: UInt64) {
    self.helpersMax = helpersMax
    generator = Mutex(SeededGenerator(seed: seed))
  }

  /// Pauses of leaders.
  var pauseCount: Int { pauses.load(ordering: .relaxed) }

  /// The number of offered passes.
  var offeredPasses: Int { passes.load(ordering: .relaxed) }

  var idleHelpers: Int { random(in: 0...helpersMax) }

  func offer(_ pass: SharedPass) {
    passes.add(1, ordering: .relaxed)
    for _ in 0..<random(in: 0...helpersMax) {
      let delay = random(in: 0...50_000)
      helpers.enter()
      Thread.detachNewThread { [helpers] in
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<delay { _ = generator.next() }
        pass.help(Scratch())
        helpers.leave()
      }
    }
  }

  func withdraw(_ pass: SharedPass) {}

  func betweenItems() {
    pauses.add(1, ordering: .relaxed)
  }

  /// Returns when all helpers have left.
  func wait() { helpers.wait() }

  private func random(in range: ClosedRange<Int>) -> Int {
    generator.withLock { Int.random(in: range, using: &$0) }
  }
}
