import Synchronization

/// Threads that may help with a pass.
public protocol PassCrew {
  /// Helpers that wait for work.
  var idleHelpers: Int { get }

  /// Lets helpers join; they call ``SharedPass/help(_:)``.
  func offer(_ pass: SharedPass)

  /// No helper may join any more.
  func withdraw(_ pass: SharedPass)

  /// Called by the leader between two items, where other work may run on its thread.
  func betweenItems()
}

/// A pass that several threads work on, item by item: phases of independent items, one after the other.
///
/// The leader runs all phases; helpers come and go as they like. An item is claimed by counting up in `position`, which
/// holds the phase and the next item, so that nobody claims an item of a phase that is over.
public final class SharedPass: @unchecked Sendable {
  /// Of each phase.
  private let items: [Int]
  /// Runs an item. Items of a phase touch different rows, which is what makes sharing safe.
  private let run: (_ phase: Int, _ item: Int, _ scratch: StripScratch) -> Void
  /// What the leader does between two items.
  private let pause: () -> Void
  /// Phase · 2³² + the next item.
  private let position = Atomic<UInt64>(0)
  /// Items of the phase that are done.
  private let done = Atomic<Int>(0)

  private static let itemBits: UInt64 = 32

  /// - Parameter items: of each phase.
  init(
    items: [Int], pause: @escaping () -> Void = {},
    run: @escaping (_ phase: Int, _ item: Int, _ scratch: StripScratch) -> Void
  ) {
    self.items = items
    self.pause = pause
    self.run = run
  }

  /// Runs all phases, alone if nobody helps. No item runs any more when this returns.
  ///
  /// The first phase is open from the beginning, since helpers may come before the leader.
  func lead(_ scratch: StripScratch) {
    for (phase, items) in items.enumerated() {
      while runNextItem(scratch) == .ran { pause() }
      var waiting = Backoff()
      while done.load(ordering: .acquiring) < items { waiting.pause() }
      done.store(0, ordering: .relaxed)
      position.store(UInt64(phase + 1) << Self.itemBits, ordering: .releasing)
    }
  }

  /// Works on items until the pass is over.
  public func help(_ scratch: Scratch) {
    var waiting = Backoff()
    while true {
      switch runNextItem(scratch.strip) {
      case .ran: waiting = Backoff()
      case .noneLeft: waiting.pause()
      case .over: return
      }
    }
  }

  private enum Outcome {
    case ran, noneLeft, over
  }

  private func runNextItem(_ scratch: StripScratch) -> Outcome {
    let seen = position.load(ordering: .acquiring)
    guard seen >> Self.itemBits < items.count else { return .over }
    guard seen & UInt64(UInt32.max) < items[Int(seen >> Self.itemBits)] else { return .noneLeft }
    let (taken, _) = position.add(1, ordering: .acquiringAndReleasing)
    let (phase, item) = (Int(taken >> Self.itemBits), Int(taken & UInt64(UInt32.max)))
    guard phase < items.count, item < items[phase] else { return .noneLeft }
    run(phase, item, scratch)
    done.add(1, ordering: .acquiringAndReleasing)
    return .ran
  }
}
