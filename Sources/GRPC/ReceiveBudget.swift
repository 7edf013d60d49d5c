import DequeModule
import NIOCore
import Synchronization

/// Bytes of request messages that the whole server holds at once, from a message's first byte until its request is
/// in the queue.
///
/// A message is granted all its bytes or none, in the order of asking: a granted one can always be received to its
/// end, so the budget cannot lock itself up. Until then the client's window stays shut.
public final class ReceiveBudget: Sendable {
  /// Bytes that are granted to one message; given back by ``release()`` or with the last reference.
  final class Grant: Sendable {
    private let bytes: Mutex<Int>
    private let budget: ReceiveBudget

    fileprivate init(bytes: Int, budget: ReceiveBudget) {
      self.bytes = Mutex(bytes)
      self.budget = budget
    }

    func release() {
      let granted = bytes.withLock { bytes in
        defer { bytes = 0 }
        return bytes
      }
      if granted > 0 { budget.giveBack(granted) }
    }

    deinit { release() }
  }

  private struct Waiter {
    let bytes: Int
    let promise: EventLoopPromise<Grant>
  }

  private struct State {
    var free: Int
    var waiters: Deque<Waiter> = []
  }

  private let state: Mutex<State>

  public init(bytes: Int) {
    state = Mutex(State(free: bytes))
  }

  /// Bytes that are not granted.
  var freeBytes: Int { state.withLock { $0.free } }

  /// Asks for bytes; a message larger than the whole budget is never granted.
  func grant(_ bytes: Int, on eventLoop: any EventLoop) -> EventLoopFuture<Grant> {
    let promise = eventLoop.makePromise(of: Grant.self)
    let isGranted = state.withLock { state in
      guard state.waiters.isEmpty, bytes <= state.free else {
        state.waiters.append(Waiter(bytes: bytes, promise: promise))
        return false
      }
      state.free -= bytes
      return true
    }
    if isGranted { promise.succeed(Grant(bytes: bytes, budget: self)) }
    return promise.futureResult
  }

  private func giveBack(_ bytes: Int) {
    let granted = state.withLock { state in
      state.free += bytes
      var granted: [Waiter] = []
      while let first = state.waiters.first, first.bytes <= state.free {
        state.free -= first.bytes
        granted.append(state.waiters.removeFirst())
      }
      return granted
    }
    for waiter in granted { waiter.promise.succeed(Grant(bytes: waiter.bytes, budget: self)) }
  }
}
