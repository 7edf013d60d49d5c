import NIOCore

/// A command that works on several threads.
protocol ThreadDemand {
  var modelOptions: ModelOptions { get }
  /// Maximum number of threads of all kinds at once.
  var threadsNeeded: Int { get }
}

extension ThreadDemand {
  /// Only workers.
  var threadsNeeded: Int { modelOptions.threadCount + Self.taskThreads }

  /// The threads of Swift's tasks, one per core, and a few that wait for the system.
  fileprivate static var taskThreads: Int { System.coreCount + 4 }
}

extension ServeCommand: ThreadDemand {
  /// Workers, readers of requests, event loops, and two threads that write lines.
  var threadsNeeded: Int {
    2 * modelOptions.threadCount + Server.eventLoops(threads: modelOptions.threadCount) + 2 + Self.taskThreads
  }
}

extension EncodeCommand: ThreadDemand {}

extension RankCommand: ThreadDemand {}

extension BenchCommand: ThreadDemand {}
