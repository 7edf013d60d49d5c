import TestSupport
import Testing

@testable import Batching

/// Thousands of random steps, compared with a model of the expected behaviour.
@Suite struct BatchSchedulerPropertyTests {
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func behavesLikeTheModelInAnyOrderOfEvents(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let limits = BatchScheduler.Limits(
      maxBatchTokens: Int.random(in: 1...2_000, using: &generator),
      maxQueueTokens: Int.random(in: 1...8_000, using: &generator))
    var model = SchedulerModel(limits: limits)
    let longest = Int.random(in: 1...600, using: &generator)
    let flows = (0..<UInt64.random(in: 1...6, using: &generator)).map {
      Flow(client: $0, priority: generator.happens(0.7) ? .interactive : .batch)
    }
    for _ in 0..<2_000 {
      switch Int.random(in: 0..<11, using: &generator) {
      case 0..<4:
        let count = Int.random(in: 1...6, using: &generator)
        model.admit(
          (0..<count).map { _ in Int.random(in: 1...longest, using: &generator) },
          of: flows.randomElement(using: &generator)!)
      case 4: model.cancelAny(using: &generator)
      case 5..<7: model.nextBatch(idleWorkers: Int.random(in: 0...3, using: &generator))
      case 7: model.nextUrgentBatch(using: &generator)
      default: model.finishAny(using: &generator)
      }
    }
    model.drain()
    model.admit([1], of: .server)
    // Each batch takes at least one sequence, so a correct scheduler needs fewer iterations.
    for _ in 0..<10_000 where model.waitingTokens > 0 || model.hasRunningSlices {
      model.nextBatch(idleWorkers: 0)
      model.finishAny(using: &generator)
    }
    #expect(model.jobs.allSatisfy { !$0.isOpen })
    #expect(model.batches > 100)
    #expect(model.jobs.allSatisfy { $0.isCancelled || $0.isAnswered })
  }
}
