import TestSupport
import Testing

@testable import scimult

/// Notifications to systemd, with real sockets.
@Suite struct ServiceNotifierTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func messagesOfACallAreOneDatagram() throws {
    let path = folder.file("notify")
    let manager = try ServiceManager(path)
    let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": path])
    notifier.notify(.ready, .status("serving"))
    notifier.notify(.stopping)
    notifier.notify(.watchdog)
    #expect(manager.receive() == "READY=1\nSTATUS=serving")
    #expect(manager.receive() == "STOPPING=1")
    #expect(manager.receive() == "WATCHDOG=1")
    #expect(manager.receive() == nil)
  }

  @Test func theNameMayBeAbstract() throws {
    let name = "@" + folder.path
    let manager = try ServiceManager(name)
    ServiceNotifier(environment: ["NOTIFY_SOCKET": name]).notify(.ready)
    #expect(manager.receive() == "READY=1")
  }

  @Test func thePathMayBeAsLongAsTheSystemAllows() throws {
    let path = folder.path + "/" + String(repeating: "n", count: 106 - folder.path.utf8.count)
    #expect(path.utf8.count == 107)
    let manager = try ServiceManager(path)
    ServiceNotifier(environment: ["NOTIFY_SOCKET": path]).notify(.ready)
    #expect(manager.receive() == "READY=1")
    ServiceNotifier(environment: ["NOTIFY_SOCKET": path + "n"]).notify(.ready)
    #expect(manager.receive() == nil)
  }

  @Test func aStatusIsOneLine() throws {
    let path = folder.file("notify")
    let manager = try ServiceManager(path)
    ServiceNotifier(environment: ["NOTIFY_SOCKET": path]).notify(.status("a model\nREADY=1\r\nof lines"))
    #expect(manager.receive() == "STATUS=a model READY=1 of lines")
  }

  @Test(arguments: [[:], ["NOTIFY_SOCKET": ""], ["WATCHDOG_USEC": "1000000"]])
  func withoutASocketNothingIsSent(environment: [String: String]) {
    let notifier = ServiceNotifier(environment: environment)
    notifier.notify(.ready)
    #expect(notifier.watchdogInterval == nil)
  }

  @Test(arguments: ["/no/such/socket", "vsock:2:1234", "relative"])
  func aManagerThatCannotBeToldIsNoFailure(socket: String) {
    ServiceNotifier(environment: ["NOTIFY_SOCKET": socket]).notify(.ready)
  }

  @Test(
    arguments: [
      (["WATCHDOG_USEC": "30000000"], .seconds(15)),
      (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"], .seconds(15)),
      (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"], nil), (["WATCHDOG_PID": "7"], nil),
      (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "-4"], nil), (["WATCHDOG_USEC": "soon"], nil),
    ] as [([String: String], Duration?)])
  func theWatchdogIsAskedForInTheEnvironment(environment: [String: String], interval: Duration?) {
    let notifier = ServiceNotifier(
      environment: environment.merging(["NOTIFY_SOCKET": "/run/notify"]) { own, _ in own }, processID: 7)
    #expect(notifier.watchdogInterval == interval)
  }
}
