import Glibc

/// Waits for another thread that is about to finish: spins first, then lets other threads run in between.
struct Backoff {
  private var spins = 0

  private static let maxSpins = 2_000

  mutating func pause() {
    if spins < Self.maxSpins {
      spins += 1
    } else {
      sched_yield()
    }
  }
}
