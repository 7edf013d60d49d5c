import Synchronization

/// Threads that may help with a pass.
public protocol PassCrew {
  /// The number of helpers that wait for work.
  var idleHelpers: Int { get }

  /// Lets helpers join the pass; they call ``SharedPass/help(_:)``.
  func offer(_ pass: SharedPass)

  /// Prevents further helpers from joining the pass.
  func withdraw(_ pass: SharedPass)

  /// The leader calls this between two items; other work may then run on its thread.
  func betweenItems()
}

/// A pass that several threads share: consecutive phases of independent items.
///
/// The leader runs all phases; helpers may join and leave at any time. A thread claims an item by incrementing
/// `position`, which contains the phase and the next item, so no thread can claim an item of a finished phase.
public final class SharedPass: @unchecked Sendable {
  /// The number of items in each phase.
  private let items: [Int]
  /// Runs an item. Sharing is safe because the items of a phase write different rows or columns.
  private let run: (_ phase: Int, _ item: Int, _ scratch: StripScratch) -> Void
  /// The leader calls this between two items.
  private let pause: () -> Void
  /// The phase · 2³² + the next item.
  private let position = Atomic<UInt64>(0)
  /// The number of finished items in the phase.
  private let done = Atomic<Int>(0)

  private static let itemBits: UInt64 = 32

  /// - Parameter items: the number of items in each phase.
  init(
    items: [Int], pause: @escaping () -> Void = {},
    run: @escaping (_ phase: Int, _ item: Int, _ scratch: StripScratch) -> Void
  ) {
    self.items = items
    self.pause = pause
    self.run = run
  }

  /// Runs all phases, alone if there are no helpers. When this returns, no item is running.
  ///
  /// The first phase is open from the beginning, because helpers may join before the leader starts.
  func lead(_ scratch: StripScratch) {
    for (phase, items) in items.enumerated() {
      while runNextItem(scratch) == .ran { pause() }
      var waiting = Backoff()
      while done.load(ordering: .acquiring) < items { waiting.pause() }
      done.store(0, ordering: .relaxed)
      position.store(UInt64(phase + 1) << Self.itemBits, ordering: .releasing)
    }
  }

  /// Runs items until the pass is finished.
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
