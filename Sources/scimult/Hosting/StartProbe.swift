import ArgumentParser
import Dispatch
import Glibc

/// Checks before the start whether the process can get the resources that it will need. Later, no error could be
/// reported: if a thread cannot be created, the process ends or waits for ever, and if memory cannot be allocated, the
/// process ends.
enum StartProbe {
  /// The minimum memory of a command in addition to the weights, measured with the smallest model.
  private static let baseBytes = 10 << 20
  /// The same for a command that works on several threads.
  private static let baseBytesOfThreads = 24 << 20

  /// Tries to create all threads that a command needs at once, and to allocate memory in addition to their stacks.
  /// - Throws: ``Failure`` with the limit.
  static func check(_ command: any ParsableCommand) throws {
    guard let threads = (command as? any ThreadDemand)?.threadsNeeded else {
      return try check(bytes: baseBytes, for: "the program")
    }
    guard !ProcessLimits.current.isUnlimited else { return }
    try withMemory(baseBytesOfThreads, for: "the program") {
      if let failure = makeThreads(threads) { throw failure }
    }
  }

  /// Tries to allocate memory, if there is a limit on it.
  /// - Parameter purpose: the use of the memory, for the error.
  /// - Throws: ``Failure`` with the limit.
  static func check(bytes: Int, for purpose: String) throws {
    guard !ProcessLimits.current.memory.isEmpty else { return }
    try withMemory(bytes, for: purpose) {}
  }

  /// Reserves address space for a while, without touching any page of it.
  private static func withMemory(_ bytes: Int, for purpose: String, _ body: () throws -> Void) throws {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0)
    guard memory != MAP_FAILED else {
      let names = ProcessLimits.current.short(of: bytes).map(\.text).joined(separator: " and ")
      throw Failure(
        "\(bytes >> 20) MiB of memory for \(purpose) cannot be had: "
          + (names.isEmpty ? String(cString: strerror(errno)) : "\(names); raise it"))
    }
    defer { munmap(memory, bytes) }
    try body()
  }

  /// Creates threads that wait for each other, and ends them.
  private static func makeThreads(_ count: Int) -> Failure? {
    let end = DispatchSemaphore(value: 0)
    var threads: [pthread_t] = []
    var failure: Failure?
    while threads.count < count, failure == nil {
      var thread = pthread_t()
      let code = pthread_create(
        &thread, nil,
        { semaphore in
          Unmanaged<DispatchSemaphore>.fromOpaque(semaphore!).takeUnretainedValue().wait()
          return nil
        }, Unmanaged.passUnretained(end).toOpaque())
      if code == 0 { threads.append(thread) } else { failure = explain(code, got: threads.count, of: count) }
    }
    for _ in threads { end.signal() }
    for thread in threads { pthread_join(thread, nil) }
    return failure
  }

  private static func explain(_ code: Int32, got: Int, of count: Int) -> Failure {
    let limits = ProcessLimits.current
    var names = limits.short(of: ProcessLimits.stackBytes).map(\.text)
    if names.isEmpty {
      if let processes = limits.processes { names.append("ulimit -u is \(processes)") }
      if let tasks = limits.tasks { names.append("the control group's pids.max is \(tasks)") }
    }
    let reason = names.isEmpty ? String(cString: strerror(code)) : names.joined(separator: ", ")
    return Failure(
      "\(count) threads are needed and \(got) can be made, of \(ProcessLimits.stackBytes >> 10) KiB of stack each: "
        + "\(reason); raise the limit, or lower --threads")
  }
}
