import Dispatch
import Glibc
import NIOPosix
import Synchronization

/// Writes lines to a file descriptor, in order, on its own thread: the caller never waits for the reader. Lines that do
/// not fit in the queue, or cannot be written, are dropped and counted. The next line that can be written reports their
/// number.
final class LineWriter: Sendable {
  private let descriptor: Int32
  private let capacity: Int
  private let lossNotice: @Sendable (_ lines: Int) -> String
  private let thread = NIOThreadPool(numberOfThreads: 1)
  private let waiting = Atomic<Int>(0)
  /// The number of bytes ever written: it distinguishes a slow reader from one that does not read.
  private let writtenBytes = Atomic<Int>(0)
  private let lost = Atomic<Int>(0)
  /// The number of lost lines already reported to the reader. Only the thread writes it.
  private let reportedLost = Atomic<Int>(0)

  /// - Parameters:
  ///   - descriptor: the destination; it stays open.
  ///   - capacity: maximum lines that may wait.
  ///   - lossNotice: the line that reports the number of dropped lines, with its newline.
  init(_ descriptor: Int32, capacity: Int = 2_000, lossNotice: @escaping @Sendable (_ lines: Int) -> String) {
    self.descriptor = descriptor
    self.capacity = capacity
    self.lossNotice = lossNotice
    thread.start()
  }

  /// The number of lines ever dropped.
  var lostLines: Int { lost.load(ordering: .relaxed) }

  /// Queues a line; returns at once.
  /// - Parameter line: makes the line, with its newline, on the writer's thread.
  func write(_ line: @escaping @Sendable () -> String) {
    guard waiting.add(1, ordering: .relaxed).newValue <= capacity else {
      waiting.subtract(1, ordering: .relaxed)
      lost.add(1, ordering: .relaxed)
      return
    }
    thread.submit { [self] _ in
      if !put(line()) { lost.add(1, ordering: .relaxed) }
      waiting.subtract(1, ordering: .relaxed)
      reportLoss()
    }
  }

  /// Waits until all earlier lines are written, but no longer than `patience` for a reader that does not read, and no
  /// longer than `limit` for a slow one.
  func flush(patience: DispatchTimeInterval = .milliseconds(500), limit: Duration = .seconds(2)) {
    let written = DispatchSemaphore(value: 0)
    thread.submit { _ in written.signal() }
    let end = ContinuousClock.now + limit
    var before = writtenBytes.load(ordering: .relaxed)
    while written.wait(timeout: .now() + patience) == .timedOut {
      let now = writtenBytes.load(ordering: .relaxed)
      guard now > before, ContinuousClock.now < end else { return }
      before = now
    }
  }

  private func reportLoss() {
    let (lines, reported) = (lost.load(ordering: .relaxed), reportedLost.load(ordering: .relaxed))
    if lines > reported, put(lossNotice(lines - reported)) { reportedLost.store(lines, ordering: .relaxed) }
  }

  /// - Returns: whether the whole line is written.
  private func put(_ line: String) -> Bool {
    var line = line
    return line.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count >= 0 {
          writtenBytes.add(count, ordering: .relaxed)
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if errno == EAGAIN {
          waitForRoom()
        } else if errno != EINTR {
          return false
        }
      }
      return true
    }
  }

  /// Waits for a descriptor that was opened as non-blocking.
  private func waitForRoom() {
    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = Glibc.poll(&poll, 1, -1)
  }
}
