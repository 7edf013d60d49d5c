import NIOCore

/// A command that works on several threads.
protocol ThreadDemand {
  var modelOptions: ModelOptions { get }
  /// The most that there may be at once, of all kinds.
  var threadsNeeded: Int { get }
}

extension ThreadDemand {
  /// Workers alone.
  var threadsNeeded: Int { modelOptions.threadCount + Self.taskThreads }

  /// Those that Swift's tasks run on, one for each core, and a few that wait for the system.
  fileprivate static var taskThreads: Int { System.coreCount + 4 }
}

extension ServeCommand: ThreadDemand {
  /// Workers, readers of requests, event loops, and two that write lines.
  var threadsNeeded: Int {
    2 * modelOptions.threadCount + Server.eventLoops(threads: modelOptions.threadCount) + 2 + Self.taskThreads
  }
}

extension EncodeCommand: ThreadDemand {}

extension RankCommand: ThreadDemand {}

extension BenchCommand: ThreadDemand {}
