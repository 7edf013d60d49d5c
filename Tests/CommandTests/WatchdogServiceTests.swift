import Dispatch
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import scimult

/// Watchdog notifications for a service manager.
@Suite struct WatchdogServiceTests {
  private let folder: TemporaryFolder
  private let manager: ServiceManager
  private let notifier: ServiceNotifier

  init() throws {
    folder = try TemporaryFolder()
    manager = try ServiceManager(folder.file("notify"))
    notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": folder.file("notify")])
  }

  @Test func beatsUntilItIsCancelled() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let service = Task { [notifier] in
      await WatchdogService(notifier: notifier, interval: .milliseconds(1), group: group).run(until: StopRequest())
    }
    for _ in 0..<3 { #expect(manager.wait() == "WATCHDOG=1") }
    service.cancel()
    await service.value
    while manager.receive() != nil {}
    #expect(manager.receive() == nil)
    try await group.shutdownGracefully()
  }

  @Test func anEventLoopThatHangsEndsTheBeat() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let (hanging, healthy) = (group.next(), group.next())
    let release = DispatchSemaphore(value: 0)
    hanging.execute { release.wait() }
    let service = Task { [notifier] in
      await WatchdogService(notifier: notifier, interval: .milliseconds(1), group: group).run(until: StopRequest())
    }
    for _ in 0..<50 { try await healthy.scheduleTask(in: .milliseconds(1)) {}.futureResult.get() }
    #expect(manager.receive() == nil)
    release.signal()
    #expect(manager.wait() == "WATCHDOG=1")
    service.cancel()
    await service.value
    try await group.shutdownGracefully()
  }
}
