import NIOCore

/// Tells the service manager at intervals that the server is alive: that each event loop has come round since the last
/// time. A beat from a thread that does nothing else would say less.
///
/// In the group of services it goes first, so that it beats until the others have drained.
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
