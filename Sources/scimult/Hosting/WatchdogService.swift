import NIOCore

/// Reports to the service manager at intervals that the server is alive: that each event loop has made progress since
/// the last report. A report from a separate thread would say less.
///
/// It is the first service of the group, so that it continues until the others have drained.
struct WatchdogService: HostedService {
  let notifier: ServiceNotifier
  let interval: Duration
  let group: any EventLoopGroup

  func run(until stop: StopRequest) async {
    await stop.cancelling {
      while true {
        for eventLoop in group.makeIterator() { try await eventLoop.submit {}.get() }
        notifier.notify(.watchdog)
        try await Task.sleep(for: interval)
      }
    }
  }
}
