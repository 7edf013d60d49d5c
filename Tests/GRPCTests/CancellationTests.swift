import Dispatch
import Synchronization
import Testing

@testable import GRPC

/// Notifies work that no client waits for it any more.
@Suite struct CancellationTests {
  private final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func increment() { value.withLock { $0 += 1 } }
  }

  @Test func runsItsActionOnce() {
    let (cancellation, counter) = (Cancellation(), Counter())
    cancellation.onCancel { counter.increment() }
    #expect(!cancellation.isCancelled && counter.count == 0)
    cancellation.cancel()
    cancellation.cancel()
    #expect(cancellation.isCancelled && counter.count == 1)
  }

  @Test func anActionAfterTheCancellationRunsImmediately() {
    let (cancellation, counter) = (Cancellation(), Counter())
    cancellation.cancel()
    cancellation.onCancel { counter.increment() }
    #expect(counter.count == 1)
  }

  @Test func aNewActionReplacesTheOldOne() {
    let (cancellation, old, new) = (Cancellation(), Counter(), Counter())
    cancellation.onCancel { old.increment() }
    cancellation.onCancel { new.increment() }
    cancellation.cancel()
    #expect(old.count == 0 && new.count == 1)
  }

  @Test func theActionMayUseTheCancellation() {
    let (cancellation, counter) = (Cancellation(), Counter())
    cancellation.onCancel {
      cancellation.cancel()
      if cancellation.isCancelled { counter.increment() }
    }
    cancellation.cancel()
    #expect(counter.count == 1)
  }

  @Test func aRaceOfSettingAndCancellingLosesNothing() {
    for _ in 0..<200 {
      let (cancellation, counter) = (Cancellation(), Counter())
      DispatchQueue.concurrentPerform(iterations: 4) { index in
        if index == 0 { cancellation.onCancel { counter.increment() } } else { cancellation.cancel() }
      }
      #expect(counter.count == 1)
    }
  }
}
